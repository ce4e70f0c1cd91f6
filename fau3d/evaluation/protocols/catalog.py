"""The protocols by name: fold lists as published, and rules for corpora whose folds are not."""

from dataclasses import replace

from fau3d.evaluation.protocols.protocol import Protocol

_DEALT_OUT = "no fold list is published: people are dealt out by a digest of their names"

# Part 1, 2 and 3 of the field's lists; fold 1 tests part 3, fold 2 part 2, fold 3 part 1.
_BP4D_PARTS = (
    "F001 F002 F008 F009 F010 F016 F018 F023 M001 M004 M007 M008 M012 M014",
    "F003 F005 F011 F013 F020 F022 M002 M005 M010 M011 M013 M016 M017 M018",
    "F004 F006 F007 F012 F014 F015 F017 F019 F021 M003 M006 M009 M015",
)
_DISFA_PARTS = (
    "SN001 SN002 SN009 SN010 SN016 SN026 SN027 SN030 SN032",
    "SN006 SN011 SN012 SN013 SN018 SN021 SN024 SN028 SN031",
    "SN003 SN004 SN005 SN007 SN008 SN017 SN023 SN025 SN029",
)
_BP4DPLUS_PARTS = (
    "F004 F013 F014 F019 F020 F026 F033 F038 F039 F044 F046 F047 F053 F057 F061 F066 F071 F072 F076 F079 "
    "M003 M004 M015 M017 M020 M025 M026 M029 M033 M036 M040 M042 M048 M050 M051",
    "F012 F016 F022 F024 F028 F030 F031 F032 F034 F056 F060 F065 F074 F075 F077 M001 M005 M009 M011 M016 "
    "M018 M019 M022 M023 M028 M034 M037 M038 M043 M044 M045 M046 M047 M052 M055",
    "F001 F002 F008 F009 F017 F021 F027 F029 F035 F040 F042 F043 F045 F050 F052 F054 F058 F062 F063 F064 "
    "F068 F069 F078 F080 M008 M010 M024 M027 M030 M031 M035 M041 M054 M056 M057",
    "F003 F005 F006 F007 F010 F011 F015 F018 F023 F025 F036 F037 F041 F048 F049 F051 F055 F059 F067 F070 "
    "F073 F081 F082 M002 M006 M007 M012 M013 M014 M021 M032 M039 M049 M053 M058",
)


def _tested(parts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part.split()) for part in parts)


_ALL = (
    Protocol(
        "bp4d-3fold",
        title="BP4D",
        rule="lists",
        source="the partition of JAA-Net (Shao et al., ECCV 2018), also of ME-GraphAU, SACL and FMAE",
        au_set="bp4d",
        tested=_tested(_BP4D_PARTS[::-1]),
    ),
    Protocol(
        "disfa-3fold",
        title="DISFA",
        rule="lists",
        source="the partition of JAA-Net (Shao et al., ECCV 2018), also of ME-GraphAU, SACL and FMAE",
        au_set="disfa8",
        present_from=2,
        tested=_tested(_DISFA_PARTS[::-1]),
        subject_form="SN{:03d}",
    ),
    Protocol(
        "bp4dplus-4fold",
        title="BP4D+",
        rule="lists",
        source="the partition of FMAE (Ning et al., arXiv 2407.11243)",
        au_set="bp4d",
        tested=_tested(_BP4DPLUS_PARTS),
    ),
    Protocol(
        "bp4dplus-3fold",
        title="BP4D+",
        rule="groups",
        source=_DEALT_OUT,
        au_set="bp4d",
        num_folds=3,
    ),
    Protocol(
        "affwild2",
        title="Aff-Wild2",
        rule="official",
        source="the challenge's training and validation sets; the labels of its test set are withheld",
        au_set="affwild2",
        official=("Train_Set", "Validation_Set"),
    ),
    Protocol("hrm-3fold", title="HRM", rule="groups", source=_DEALT_OUT, au_set="hrm22", num_folds=3),
    Protocol("ckplus-10fold", title="CK+", rule="groups", source=_DEALT_OUT, num_folds=10),
    Protocol(
        "rafau-10fold",
        title="RAF-AU",
        rule="groups",
        source=_DEALT_OUT + "; the corpus does not say who is on an image",
        num_folds=10,
    ),
    Protocol("casme2-loso", title="CASME II", rule="each", source="one person is tested, all others train"),
    Protocol("subject-kfold", title="", rule="groups", source=_DEALT_OUT),
    Protocol("loso", title="", rule="each", source="one person is tested, all others train"),
)
PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in _ALL}
"""Every protocol by its name."""


def get_protocol(name: str, num_folds: int | None = None) -> Protocol:
    """Give a protocol.

    Args:
        name: A key of `PROTOCOLS`.
        num_folds: For `subject-kfold`, which wants it.

    Raises:
        ValueError: If the name is unknown, a number of folds is missing, or one is given where it is fixed.
    """
    if name not in PROTOCOLS:
        raise ValueError(f"unknown protocol {name!r}; known: {', '.join(PROTOCOLS)}")
    protocol = PROTOCOLS[name]
    open_number = protocol.rule == "groups" and protocol.num_folds is None
    if not open_number and num_folds is not None:
        raise ValueError(f"{name}: its number of folds is fixed; leave --folds out, or take subject-kfold")
    if open_number:
        if num_folds is None or num_folds < 2:
            raise ValueError(f"{name}: number of folds is {num_folds}; wanted 2 or more (--folds K)")
        return replace(protocol, num_folds=num_folds)
    return protocol
