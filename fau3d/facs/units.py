"""The action units and descriptors that published corpora code, as data.

Source: Ekman, Friesen and Hager, Facial Action Coding System, 2002 (numbers, names, muscles).
"""

from dataclasses import dataclass

SIDES = ("L", "R")


@dataclass(frozen=True)
class ActionUnit:
    """One movement that FACS names.

    Attributes:
        name: `AU01`, or `AD19` where FACS calls it a descriptor (a movement whose muscles it does not name
            as exactly).
        number: FACS number; that of the lower one where a corpus joins two (`AU2X`: 26 and 27).
        facs_name: What FACS calls it.
        muscles: The muscles that make it, the main one first; empty for head and eye positions.
        sided: Whether one side of the face can show it alone (`AU12_L`: the subject's left).
        region: `brow`, `eye`, `nose`, `mouth`, `jaw`, `cheek`, `neck`, `head`, `gaze`, or `whole`.
        mirror: The unit that this one becomes in a mirror, itself by default (`AU51` turns into `AU52`).
        part_of: Units that this one is a joined or graded form of (`AU43E`: `AU43`).
    """

    name: str
    number: int
    facs_name: str
    muscles: tuple[str, ...]
    sided: bool
    region: str
    mirror: str
    part_of: tuple[str, ...] = ()

    @property
    def is_descriptor(self) -> bool:
        """Whether FACS calls it an action descriptor."""
        return self.name.startswith("AD")


_FRONTALIS_IN = "frontalis, pars medialis"
_FRONTALIS_OUT = "frontalis, pars lateralis"
_OCULI_ORBITAL = "orbicularis oculi, pars orbitalis"
_OCULI_LID = "orbicularis oculi, pars palpebralis"
_LEVATOR_LID = "levator palpebrae superioris"
_ORIS = "orbicularis oris"

# number, FACS name, muscles, sided, region
_AUS: tuple[tuple[int, str, tuple[str, ...], bool, str], ...] = (
    (0, "Neutral face", (), False, "whole"),
    (1, "Inner brow raiser", (_FRONTALIS_IN,), True, "brow"),
    (2, "Outer brow raiser", (_FRONTALIS_OUT,), True, "brow"),
    (
        4,
        "Brow lowerer",
        ("corrugator supercilii", "depressor supercilii", "procerus"),
        True,
        "brow",
    ),
    (5, "Upper lid raiser", (_LEVATOR_LID, "superior tarsal muscle"), True, "eye"),
    (6, "Cheek raiser and lid compressor", (_OCULI_ORBITAL,), True, "cheek"),
    (7, "Lid tightener", (_OCULI_LID,), True, "eye"),
    (8, "Lips toward each other", (_ORIS,), False, "mouth"),
    (9, "Nose wrinkler", ("levator labii superioris alaeque nasi",), True, "nose"),
    (10, "Upper lip raiser", ("levator labii superioris",), True, "mouth"),
    (11, "Nasolabial furrow deepener", ("zygomaticus minor",), True, "mouth"),
    (12, "Lip corner puller", ("zygomaticus major",), True, "mouth"),
    (13, "Sharp lip puller", ("levator anguli oris",), True, "mouth"),
    (14, "Dimpler", ("buccinator",), True, "mouth"),
    (15, "Lip corner depressor", ("depressor anguli oris",), True, "mouth"),
    (16, "Lower lip depressor", ("depressor labii inferioris",), True, "mouth"),
    (17, "Chin raiser", ("mentalis",), False, "mouth"),
    (18, "Lip pucker", ("incisivii labii superioris", "incisivii labii inferioris"), False, "mouth"),
    (20, "Lip stretcher", ("risorius", "platysma"), True, "mouth"),
    (21, "Neck tightener", ("platysma",), True, "neck"),
    (22, "Lip funneler", (_ORIS,), False, "mouth"),
    (23, "Lip tightener", (_ORIS,), False, "mouth"),
    (24, "Lip pressor", (_ORIS,), False, "mouth"),
    (25, "Lips part", ("depressor labii inferioris", "relaxed mentalis", _ORIS), False, "mouth"),
    (26, "Jaw drop", ("relaxed masseter", "temporalis", "medial pterygoid"), False, "jaw"),
    (27, "Mouth stretch", ("lateral pterygoid", "digastric"), False, "jaw"),
    (28, "Lip suck", (_ORIS,), False, "mouth"),
    (31, "Jaw clencher", ("masseter", "temporalis", "medial pterygoid"), False, "jaw"),
    (38, "Nostril dilator", ("nasalis, pars alaris",), True, "nose"),
    (39, "Nostril compressor", ("nasalis, pars transversa", "depressor septi nasi"), True, "nose"),
    (41, "Lid droop", (f"relaxed {_LEVATOR_LID}",), True, "eye"),
    (42, "Slit", (_OCULI_LID,), True, "eye"),
    (43, "Eye closure", (f"relaxed {_LEVATOR_LID}", _OCULI_LID), True, "eye"),
    (44, "Squint", ("corrugator supercilii", _OCULI_LID), True, "eye"),
    (45, "Blink", (f"relaxed {_LEVATOR_LID}", _OCULI_LID), True, "eye"),
    (46, "Wink", (_OCULI_LID,), True, "eye"),
    (51, "Head turn left", (), False, "head"),
    (52, "Head turn right", (), False, "head"),
    (53, "Head up", (), False, "head"),
    (54, "Head down", (), False, "head"),
    (55, "Head tilt left", (), False, "head"),
    (56, "Head tilt right", (), False, "head"),
    (57, "Head forward", (), False, "head"),
    (58, "Head back", (), False, "head"),
    (61, "Eyes turn left", (), False, "gaze"),
    (62, "Eyes turn right", (), False, "gaze"),
    (63, "Eyes up", (), False, "gaze"),
    (64, "Eyes down", (), False, "gaze"),
    (65, "Walleye", (), False, "gaze"),
    (66, "Cross-eye", (), False, "gaze"),
)
_ADS: tuple[tuple[int, str, tuple[str, ...], bool, str], ...] = (
    (19, "Tongue show", (), False, "mouth"),
    (29, "Jaw thrust", ("lateral pterygoid",), False, "jaw"),
    (30, "Jaw sideways", ("lateral pterygoid",), True, "jaw"),
    (32, "Lip bite", (), False, "mouth"),
    (33, "Cheek blow", (), True, "cheek"),
    (34, "Cheek puff", (), True, "cheek"),
    (35, "Cheek suck", (), True, "cheek"),
    (36, "Tongue bulge", (), True, "cheek"),
    (37, "Lip wipe", (), False, "mouth"),
)
_MIRROR = {51: 52, 52: 51, 55: 56, 56: 55, 61: 62, 62: 61}


def _build() -> dict[str, ActionUnit]:
    units = []
    for prefix, rows in (("AU", _AUS), ("AD", _ADS)):
        for number, facs_name, muscles, sided, region in rows:
            mirror = f"{prefix}{_MIRROR.get(number, number):02d}"
            units.append(
                ActionUnit(f"{prefix}{number:02d}", number, facs_name, muscles, sided, region, mirror)
            )
    by_name = {unit.name: unit for unit in sorted(units, key=lambda unit: unit.number)}
    jaw = by_name["AU26"].muscles + by_name["AU27"].muscles
    by_name["AU2X"] = ActionUnit(
        "AU2X", 26, "Jaw drop or mouth stretch", jaw, False, "jaw", "AU2X", ("AU26", "AU27")
    )
    by_name["AU43E"] = ActionUnit(
        "AU43E", 43, "Eyes closed, maximum", by_name["AU43"].muscles, True, "eye", "AU43E", ("AU43",)
    )
    return by_name


ACTION_UNITS: dict[str, ActionUnit] = _build()
"""Every unit by its name; the two-sided name only (`AU12`, not `AU12_L`)."""
