"""What faces do: sets of action units that come together, and how often."""

# Weighted sets of (unit: full strength). Emotions after the EMFACS-like sets of the FACS literature, and what
# spontaneous recordings are full of: smiles of all kinds, brow flashes, frowns of effort, pressed lips.
PROTOTYPES: tuple[tuple[float, dict[str, float]], ...] = (
    (2.0, {"AU06": 0.85, "AU12": 1.0, "AU25": 0.8}),
    (1.0, {"AU06": 0.9, "AU07": 0.4, "AU12": 1.0, "AU25": 1.0, "AU26": 0.8}),
    (1.2, {"AU06": 0.6, "AU12": 0.9}),
    (1.4, {"AU12": 0.7}),
    (0.8, {"AU12": 0.8, "AU25": 0.7}),
    (1.0, {"AU01": 0.9, "AU04": 0.8, "AU15": 0.9, "AU17": 0.7}),
    (0.8, {"AU01": 0.9, "AU04": 0.8, "AU43": 1.0, "AU15": 0.6, "AU17": 0.5}),
    (0.6, {"AU04": 0.9, "AU06": 0.7, "AU07": 0.7, "AU15": 0.6, "AU20": 0.6, "AU25": 0.7, "AU43": 1.0}),
    (0.6, {"AU04": 1.0, "AU06": 0.8, "AU07": 0.8, "AU09": 0.7, "AU10": 0.7, "AU43": 1.0, "AU25": 0.6}),
    (0.9, {"AU01": 1.0, "AU02": 0.7, "AU04": 0.8, "AU05": 0.7, "AU20": 0.9, "AU25": 0.9, "AU26": 0.5}),
    (1.0, {"AU04": 1.0, "AU07": 0.8, "AU23": 0.8, "AU17": 0.4}),
    (1.0, {"AU04": 1.0, "AU05": 0.6, "AU07": 0.5, "AU24": 0.9}),
    (0.6, {"AU04": 1.0, "AU07": 0.6, "AU10": 0.8, "AU16": 0.7, "AU25": 0.9}),
    (1.0, {"AU09": 1.0, "AU17": 0.6, "AU15": 0.4}),
    (0.8, {"AU10": 1.0, "AU17": 0.5, "AU25": 0.5}),
    (0.8, {"AU01": 1.0, "AU02": 1.0, "AU05": 0.9, "AU25": 0.9, "AU26": 0.9}),
    (0.7, {"AU01": 1.0, "AU02": 1.0, "AU05": 0.8, "AU27": 1.0}),
    (1.0, {"AU01": 0.8, "AU02": 0.9}),
    (1.0, {"AU04": 0.8}),
    (0.5, {"AU04": 0.7, "AU07": 0.8}),
    (0.8, {"AU14": 0.9}),
    (0.4, {"AU12": 0.5, "AU14": 0.6}),
    (0.6, {"AU24": 0.9, "AU17": 0.5}),
    (0.5, {"AU15": 0.7, "AU17": 0.9}),
    (0.5, {"AU01": 0.6, "AU02": 0.8, "AU15": 0.6, "AU17": 0.7}),
    (0.4, {"AU18": 1.0}),
    (0.4, {"AU22": 1.0, "AU25": 0.6}),
    (0.4, {"AU28": 1.0}),
    (0.5, {"AU43": 1.0}),
    (0.4, {"AU26": 0.9, "AU25": 0.7, "AU43": 0.9}),
)

# Units that seldom act on one side only, with the share of episodes in which they do.
ONE_SIDED_SHARE: dict[str, float] = {
    "AU14": 0.3,
    "AU02": 0.12,
    "AU12": 0.08,
    "AU10": 0.1,
    "AU20": 0.06,
    "AU43": 0.05,
}
ONE_SIDED_OTHERWISE = 0.03
