"""What a protocol fixes."""

from dataclasses import dataclass

RULES = ("lists", "groups", "each", "official")


@dataclass(frozen=True)
class Protocol:
    """One way to divide a corpus, and how its labels are read.

    Attributes:
        name: What commands take.
        title: The corpus, as its annotation file names it; empty = any.
        rule: Who is tested in a fold. `lists`: the people of `tested`; `groups`: people are dealt out to
            `num_folds` groups of about as many recordings; `each`: one person; `official`: the corpus's own
            pair of splits.
        source: Where the division is from.
        au_set: Units of the report, a set's name; None = those of the config.
        present_from: Intensity from which on a unit counts as present, where the corpus grades; None = the
            corpus codes occurrence, or the protocol says nothing.
        tested: The people tested in fold 1, 2, …
        num_folds: Groups; None = the caller says.
        official: Names of the splits for training and for testing.
        subject_form: How the lists write a number (`SN{:03d}`), so that `1` is found too; empty = as it is.
    """

    name: str
    title: str
    rule: str
    source: str
    au_set: str | None = None
    present_from: float | None = None
    tested: tuple[tuple[str, ...], ...] = ()
    num_folds: int | None = None
    official: tuple[str, str] | None = None
    subject_form: str = ""

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"{self.name}: rule is {self.rule!r}; known: {', '.join(RULES)}")
        listed = [subject for group in self.tested for subject in group]
        if len(set(listed)) != len(listed):
            raise ValueError(f"{self.name}: somebody is tested in two folds")

    def subject_key(self, subject: str) -> str:
        """Give a subject's name as the lists write it: `sn001`, `001` and `1` are `SN001` in DISFA's."""
        text = str(subject).strip()
        if self.subject_form and text.isdecimal():
            return self.subject_form.format(int(text))
        return text.upper() if self.tested else text
