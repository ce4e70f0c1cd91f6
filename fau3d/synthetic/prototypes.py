"""What faces do: sets of action units that come together, and how often.

Sets of emotions follow the combinations that FACS lists for them (Ekman and Friesen, Facial Action Coding
System, 1978, table 11-1; among them joy 6+12+25, sadness 1+4+15, fear 1+2+4+5+20+25, anger 4+5+7+24, surprise
1+2+5+26, disgust 4+10+17). The others and all weights are judgement: what spontaneous recordings are full of
comes most (smiles of all kinds, brow flashes, frowns of effort, pressed lips), and no unit is rare.
"""

# Weighted sets of (unit: full strength).
PROTOTYPES: tuple[tuple[float, dict[str, float]], ...] = (
    # Joy: smiles with and without the eyes, with closed and open mouth, and laughter.
    (2.0, {"AU06": 0.85, "AU12": 1.0, "AU25": 0.8}),
    (1.0, {"AU06": 0.9, "AU07": 0.4, "AU12": 1.0, "AU25": 1.0, "AU26": 0.8}),
    (0.4, {"AU06": 1.0, "AU07": 0.6, "AU12": 1.0, "AU27": 0.9, "AU43": 0.9}),
    (1.2, {"AU06": 0.6, "AU12": 0.9}),
    (1.4, {"AU12": 0.7}),
    (0.8, {"AU12": 0.8, "AU25": 0.7}),
    (0.4, {"AU12": 0.6, "AU11": 0.7, "AU25": 0.6}),
    # Sadness, weeping, pain, fear.
    (1.0, {"AU01": 0.9, "AU04": 0.8, "AU15": 0.9, "AU17": 0.7}),
    (0.8, {"AU01": 0.9, "AU04": 0.8, "AU43": 1.0, "AU15": 0.6, "AU17": 0.5}),
    (0.5, {"AU01": 0.7, "AU04": 0.6, "AU11": 0.8, "AU15": 0.6}),
    (0.6, {"AU04": 0.9, "AU06": 0.7, "AU07": 0.7, "AU15": 0.6, "AU20": 0.6, "AU25": 0.7, "AU43": 1.0}),
    (0.6, {"AU04": 1.0, "AU06": 0.8, "AU07": 0.8, "AU09": 0.7, "AU10": 0.7, "AU43": 1.0, "AU25": 0.6}),
    (0.9, {"AU01": 1.0, "AU02": 0.7, "AU04": 0.8, "AU05": 0.7, "AU20": 0.9, "AU25": 0.9, "AU26": 0.5}),
    (0.4, {"AU01": 0.9, "AU04": 0.8, "AU05": 0.8, "AU20": 0.8, "AU27": 1.0}),
    # Anger and effort.
    (1.0, {"AU04": 1.0, "AU07": 0.8, "AU23": 0.8, "AU17": 0.4}),
    (1.0, {"AU04": 1.0, "AU05": 0.6, "AU07": 0.5, "AU24": 0.9}),
    (0.6, {"AU04": 1.0, "AU07": 0.6, "AU10": 0.8, "AU16": 0.7, "AU25": 0.9}),
    (0.4, {"AU04": 1.0, "AU07": 0.8, "AU22": 0.9, "AU25": 0.8, "AU26": 0.5}),
    # Disgust and contempt.
    (1.0, {"AU09": 1.0, "AU17": 0.6, "AU15": 0.4}),
    (0.8, {"AU10": 1.0, "AU17": 0.5, "AU25": 0.5}),
    (0.4, {"AU09": 0.9, "AU10": 0.7, "AU16": 0.7, "AU25": 0.7}),
    (1.0, {"AU14": 0.9}),
    (0.6, {"AU12": 0.5, "AU14": 0.7}),
    # Surprise, interest, frowns.
    (0.8, {"AU01": 1.0, "AU02": 1.0, "AU05": 0.9, "AU25": 0.9, "AU26": 0.9}),
    (0.8, {"AU01": 1.0, "AU02": 1.0, "AU05": 0.8, "AU27": 1.0}),
    (1.0, {"AU01": 0.8, "AU02": 0.9}),
    (1.0, {"AU04": 0.8}),
    (0.5, {"AU04": 0.7, "AU07": 0.8}),
    # Mouths that are busy without an emotion, shrugs, yawns, closed eyes.
    (0.6, {"AU24": 0.9, "AU17": 0.5}),
    (0.6, {"AU23": 0.9}),
    (0.5, {"AU15": 0.7, "AU17": 0.9}),
    (0.5, {"AU01": 0.6, "AU02": 0.8, "AU15": 0.6, "AU17": 0.7}),
    (0.5, {"AU18": 1.0}),
    (0.5, {"AU22": 1.0, "AU25": 0.6}),
    (0.5, {"AU28": 1.0}),
    (0.4, {"AU16": 0.9, "AU25": 0.6}),
    (0.8, {"AU43": 1.0}),
    (0.4, {"AU26": 0.9, "AU25": 0.7, "AU43": 0.9}),
    (0.7, {"AU27": 1.0, "AU43": 1.0}),
)

# The upper face; the rest of a prototype is its lower face. Some episodes take the one from one prototype and
# the other from another, so that a frown says nothing certain about the mouth.
UPPER_FACE = frozenset({"AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU43"})

# How often units come in random sets against the others, where that is not 1: what few prototypes have.
RANDOM_WEIGHT: dict[str, float] = {
    "AU09": 1.8,
    "AU11": 1.4,
    "AU14": 1.5,
    "AU16": 1.5,
    "AU18": 1.4,
    "AU20": 1.4,
    "AU22": 1.8,
    "AU23": 2.0,
    "AU24": 2.0,
    "AU27": 4.0,
    "AU28": 2.0,
    "AU43": 2.0,
    "AU04": 0.8,
    "AU25": 0.5,
}

# What one face cannot do at once; the first that an episode draws stays.
EXCLUSIVE: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"AU05"}), frozenset({"AU43"})),
    (frozenset({"AU23", "AU24", "AU28"}), frozenset({"AU22", "AU25", "AU26", "AU27"})),
    (frozenset({"AU18"}), frozenset({"AU20"})),
    (frozenset({"AU24"}), frozenset({"AU28"})),
)

# Units that seldom act on one side only, with the share of episodes in which they do.
ONE_SIDED_SHARE: dict[str, float] = {
    "AU14": 0.3,
    "AU02": 0.12,
    "AU12": 0.08,
    "AU10": 0.1,
    "AU20": 0.06,
    "AU43": 0.1,
}
ONE_SIDED_OTHERWISE = 0.04
