"""Fits a measured detector to the errors that an extractor made on rendered people."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fau3d.synthetic.detector import MeasuredDetector
from fau3d.synthetic.detector_drift import Drift, fit_drift, leading_modes
from fau3d.synthetic.residuals import FitOptions, PersonErrors, SceneErrors, Steady, centred, moving
from fau3d.synthetic.rig import FaceRig

_YAW_EDGES = np.array((0.0, 0.2, 0.4, np.pi))


def fit_detector(
    rig: FaceRig, people: Sequence[PersonErrors], options: FitOptions | None = None, source: str = ""
) -> MeasuredDetector:
    """Fit a detector.

    Args:
        rig: The rig that the errors were taken against.
        people: Errors on rendered people.
        options: How it is fitted.
        source: What was rendered, for the record.

    Returns:
        The detector.

    Raises:
        ValueError: If there are fewer than two people with two scenes each.
    """
    options = options or FitOptions()
    usable = [person for person in people if sum(scene.kept.any() for scene in person.scenes) > 1]
    if len(usable) < 2:
        raise ValueError(f"{len(usable)} people were seen in two scenes; wanted two or more: render more")
    response, (weights, modes), slopes = fit_response(rig, usable, options)
    lacking = rig.expressions * (response - 1)[:, None] + np.tensordot(weights, modes, 1)
    steady = Steady(lacking.astype(np.float32), slopes)
    drift = fit_drift(usable, steady, options)
    mean, identity, person, sequence = _fit_still(rig, usable, steady, drift, options)
    lost, gross, lost_frames = _failures(people)
    return MeasuredDetector(
        topology=rig.topology,
        shape_names=rig.expression_names,
        response=response.astype(np.float32),
        response_modes=modes,
        response_weights=weights,
        identity_response=identity.astype(np.float32),
        mean=mean,
        person=person,
        sequence=sequence,
        pose=slopes,
        pose_person=_fit_pose_people(usable, steady, options),
        drift=drift.modes,
        jitter=drift.rest,
        persisting=drift.persisting,
        memory=drift.memory,
        by_size=drift.by_size,
        unsteadiness=drift.unsteadiness,
        lag=tracking_lag(rig, list(moving(usable, options))),
        yaw_edges=_YAW_EDGES,
        lost=lost,
        gross=gross,
        lost_frames=lost_frames,
        occluded=float(np.mean([scene.occluded for person in people for scene in person.scenes])),
        metainfo={"source": source, "people": str(len(usable))},
    )


def fit_response(
    rig: FaceRig, people: Sequence[PersonErrors], options: FitOptions
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Fit the response to every shape and the displacement by pose, from movement within sequences.

    Returns:
        The gains (E, 3) along x, y, z, alike on both sides; what shapes are answered with beside them, as
        weights (E, R) and modes (R, V, 3); and the displacement (2, V, 3) per radian of yaw and pitch.
    """
    shapes, points = len(rig.expressions), rig.num_points
    inputs, outputs = np.zeros((shapes + 2, shapes + 2)), np.zeros((shapes + 2, 3 * points))
    for scene in moving(people, options):
        kept = scene.kept
        causes = centred(np.hstack([scene.weights[kept], scene.poses[kept, :2]]).astype(np.float64))
        seen = centred(scene.errors[kept]).reshape(len(causes), -1)
        inputs += causes.T @ causes
        outputs += causes.T @ seen
    partners = _partners(rig.expression_names)
    gains, slopes = np.zeros((shapes, 3)), np.zeros((2, 3 * points))
    moved = np.zeros((shapes, 3 * points))
    for _ in range(4):
        rest = (outputs[:shapes] - inputs[:shapes, shapes:] @ slopes).reshape(shapes, points, 3)
        gains = _gains(inputs[:shapes, :shapes], rest, rig.expressions, options.prior_frames)
        gains = (gains + gains[partners]) / 2
        moved = (rig.expressions * gains[:, None]).reshape(shapes, -1)
        rest = outputs[shapes:] - inputs[shapes:, :shapes] @ moved
        slopes = np.linalg.solve(inputs[shapes:, shapes:] + 1e-6 * np.eye(2), rest)
    rest = outputs[:shapes] - inputs[:shapes, shapes:] @ slopes - inputs[:shapes, :shapes] @ moved
    beside = np.linalg.solve(inputs[:shapes, :shapes] + options.field_frames * np.eye(shapes), rest)
    left, sizes, right = np.linalg.svd(beside, full_matrices=False)
    count = options.modes[4]
    weights = (left * sizes)[:, :count].astype(np.float32)
    modes = right[:count].reshape(-1, points, 3).astype(np.float32)
    return 1 + gains, (weights, modes), slopes.reshape(2, points, 3).astype(np.float32)


def _gains(inputs: np.ndarray, outputs: np.ndarray, fields: np.ndarray, prior: float) -> np.ndarray:
    """Solve for the factor (E, 3) on each field (E, V, 3) along each axis, drawn to 0.

    `inputs` (E, E) are the products of the weights, `outputs` (E, V, 3) those of weights and errors.
    """
    gains = np.zeros((len(fields), 3))
    draw = prior * (fields.astype(np.float64) ** 2).sum((1, 2)) / 3 + 1e-9
    for axis in range(3):
        along = fields[:, :, axis].astype(np.float64)
        right = (outputs[:, :, axis] * along).sum(1)
        gains[:, axis] = np.linalg.solve(inputs * (along @ along.T) + np.diag(draw), right)
    return gains


def _partners(names: tuple[str, ...]) -> np.ndarray:
    """Give for each shape the one of the other side, or itself."""
    other = {"_L": "_R", "_R": "_L"}
    swapped = [name[:-2] + other[name[-2:]] if name[-2:] in other else name for name in names]
    return np.array([names.index(name) if name in names else k for k, name in enumerate(swapped)])


def _fit_still(
    rig: FaceRig, people: Sequence[PersonErrors], steady: Steady, drift: Drift, options: FitOptions
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit what stays: mean (V, 3), gains of identity (K, 3), modes of people and of sequences."""
    scenes = [
        np.stack([_scene_mean(scene, steady) for scene in person.scenes if scene.kept.any()])
        for person in people
    ]
    each = np.stack([means.mean(0) for means in scenes]).astype(np.float64)
    mean = each.mean(0)
    identity = np.stack([person.modes for person in people]).astype(np.float64)
    outputs = np.tensordot(identity.T, each - mean, 1)
    gains = _gains(identity.T @ identity, outputs, rig.identities, options.prior_frames)
    known = np.tensordot(identity, rig.identities * gains[:, None], 1)
    within = [(means - mean - part).reshape(len(means), -1) for means, part in zip(scenes, known)]
    rows = np.concatenate(within)
    totals = np.stack([means.sum(0) for means in within])
    squares = rows.T @ rows
    # Between two scenes of a person only what stays with the person is alike.
    shared = (totals.T @ totals - squares) / sum(len(means) * (len(means) - 1) for means in within)
    whole = squares / len(rows)
    left = np.mean(
        [
            drift.left_in_mean(int(scene.kept.sum()), scene.seconds)
            for person in people
            for scene in person.scenes
            if scene.kept.any()
        ]
    )
    flat = drift.modes.reshape(len(drift.modes), -1)
    drifted = left * (flat.T @ flat + np.diag(drift.rest.ravel() ** 2))
    shape = (-1, rig.num_points, 3)
    return (
        mean.astype(np.float32),
        1 + gains,
        leading_modes(shared, options.modes[0]).reshape(shape),
        leading_modes(whole - shared - drifted, options.modes[1]).reshape(shape),
    )


def _scene_mean(scene: SceneErrors, steady: Steady) -> np.ndarray:
    return (scene.errors[scene.kept] - steady.explain(scene)).mean(0)


def _fit_pose_people(people: Sequence[PersonErrors], steady: Steady, options: FitOptions) -> np.ndarray:
    """Fit the modes (2, Q, V, 3) of how displacement by yaw and pitch differs between people: what two
    sequences of one person agree on.
    """
    points = steady.slopes.shape[1]
    shared, weight = np.zeros((2, 3 * points, 3 * points)), np.zeros(2)
    for person in people:
        parts = [_slopes(scene, steady) for scene in moving([person], options)]
        for (sums, squares), (others, other_squares) in pairwise(parts):
            for angle in range(2):
                shared[angle] += np.outer(sums[angle], others[angle])
                weight[angle] += squares[angle] * other_squares[angle]
    modes = np.zeros((2, options.modes[2], points, 3), np.float32)
    for angle in range(2):
        found = leading_modes(shared[angle] / max(weight[angle], 1e-12), options.modes[2])
        modes[angle, : len(found)] = found.reshape(-1, points, 3)
    return modes


def _slopes(scene: SceneErrors, steady: Steady) -> tuple[np.ndarray, np.ndarray]:
    rest = centred(scene.errors[scene.kept] - steady.explain(scene))
    angles = centred(scene.poses[scene.kept, :2].astype(np.float64))
    return angles.T @ rest.reshape(len(rest), -1), (angles**2).sum(0)


def tracking_lag(rig: FaceRig, scenes: Sequence[SceneErrors]) -> float:
    """Measure by how many seen frames movement is seen late: where its correlation with the true one peaks,
    between the frames by a parabola.
    """
    likeness = np.zeros(3)
    flat = rig.expressions.reshape(len(rig.expressions), -1)
    for scene in scenes:
        true = centred(scene.weights[scene.kept].astype(np.float32)) @ flat
        seen = true + centred(scene.errors[scene.kept]).reshape(len(true), -1)
        true, seen = np.diff(true, axis=0), np.diff(seen, axis=0)
        inner = slice(1, -1)
        likeness += [float((seen[inner] * np.roll(true, shift, 0)[inner]).sum()) for shift in (-1, 0, 1)]
    before, now, after = likeness
    curve = before - 2 * now + after
    return 0.5 * (before - after) / curve if abs(curve) > 1e-9 else 0.0


def _failures(people: Sequence[PersonErrors]) -> tuple[np.ndarray, np.ndarray, float]:
    """Count the shares (2, Y) of lost and of misplaced faces, and the mean length of a loss in frames."""
    counts = np.zeros((3, 2, len(_YAW_EDGES) - 1))
    runs = 0
    for scene in (scene for person in people for scene in person.scenes):
        column = np.digitize(np.abs(scene.poses[:, 0]), _YAW_EDGES[1:-1])
        for layer, hit in enumerate((np.ones(len(column), bool), scene.lost, scene.gross)):
            np.add.at(counts[layer], (int(scene.occluded), column[hit]), 1)
        runs += int((np.diff(scene.lost.astype(int), prepend=0) > 0).sum())
    total = np.maximum(counts[0], 1)
    return counts[1] / total, counts[2] / total, float(counts[1].sum() / max(runs, 1))
