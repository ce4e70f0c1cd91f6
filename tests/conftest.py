"""Fixtures that all tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The repository's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Reference material beside the checkout; a test that needs it is skipped where it is absent."""
    path = ROOT.parent / "shared"
    if not path.is_dir():
        pytest.skip("no folder 'shared' beside the checkout")
    return path


@pytest.fixture(scope="session")
def clips_dir(shared_dir: Path) -> Path:
    """Real face videos for tests."""
    return shared_dir / "clips"


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An annotation file of ten short videos, 68 points, whose three units move the points."""
    import numpy as np

    from fau3d.io.annotation import save_annotations

    rng = np.random.default_rng(0)
    base = rng.uniform(30, 170, (68, 2))
    directions = rng.normal(0, 12, (3, 68, 2))
    annotations = []
    for video in range(10):
        frames = 21 + 2 * video
        present = np.repeat(rng.integers(0, 2, (frames // 7 + 1, 3)), 7, axis=0)[:frames]
        points = base + np.einsum("ta,avc->tvc", present, directions) + rng.normal(0, 1, (frames, 68, 2))
        annotations.append(
            {
                "frame_dir": f"video_{video:02d}",
                "total_frames": frames,
                "img_shape": (200, 200),
                "original_shape": (200, 200),
                "keypoint": points[None].astype(np.float32),
                "keypoint_score": np.ones((1, frames, 68), np.float32),
                "au_occurrence": present.astype(np.int8),
                "au_intensity": (present * 3.0).astype(np.float32),
                "frame_index": np.arange(frames),
                "fps": 25.0,
                "subject": f"S{video}",
            }
        )
    names = [annotation["frame_dir"] for annotation in annotations]
    path = tmp_path_factory.mktemp("corpus") / "tiny.pkl"
    metainfo = {
        "topology": "ibug68",
        "au_names": ["AU01", "AU06", "AU12"],
        "label_type": "intensity",
        "extractor": "made up",
        "format_version": 1,
        "source": "random numbers",
    }
    save_annotations(path, {"train": names[:4], "val": names[4:7], "test": names[7:]}, annotations, metainfo)
    return path


TINY_CONFIG = """
train_pipeline = [
    dict(type='FaceCrop', margin=0.1),
    dict(type='RandomAffine'),
    dict(type='JitterKeypoints'),
    dict(type='FillMissing'),
    dict(type='PackFaceInputs'),
]
test_pipeline = [dict(type='FaceCrop', margin=0.1), dict(type='FillMissing'), dict(type='PackFaceInputs')]
ann_file = 'missing.pkl'
clip = dict(length=8)
model = dict(
    type='AURecognizer',
    backbone=dict(
        type='mmaction.ResNet3dSlowOnly', depth=18, pretrained=None, in_channels=68, base_channels=4,
        num_stages=2, out_indices=(1,), stage_blocks=(1, 1), conv1_stride_s=1, pool1_stride_s=1,
        inflate=(0, 1), spatial_strides=(2, 2), temporal_strides=(1, 1), dilations=(1, 1)),
    head=dict(type='DenseAUHead', in_channels=8, au_set=['AU01', 'AU06', 'AU12'], dropout=0.3),
    data_preprocessor=dict(type='HeatmapPreprocessor', size=(16, 16), sigma=0.6))
train_dataloader = dict(
    batch_size=4, num_workers=0, sampler=dict(type='ClipSampler', shuffle=True),
    collate_fn=dict(type='face_collate'),
    dataset=dict(type='FaceKeypointDataset', ann_file=ann_file, split='train', clip=clip,
                 pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=3, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='face_collate'),
    dataset=dict(type='FaceKeypointDataset', ann_file=ann_file, split='val', clip=clip, test_mode=True,
                 pipeline=test_pipeline))
test_dataloader = dict(
    batch_size=3, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='face_collate'),
    dataset=dict(type='FaceKeypointDataset', ann_file=ann_file, split='test', clip=clip, test_mode=True,
                 pipeline=test_pipeline))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=3, val_interval=1)
val_cfg = dict()
test_cfg = dict()
val_evaluator = dict(type='AUMetric')
test_evaluator = dict(type='AUMetric')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.05, momentum=0.9))
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True, T_max=3)]
custom_hooks = [dict(type='EMAHook', momentum=0.1)]
default_hooks = dict(logger=dict(type='LoggerHook', interval=1),
                     checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2))
randomness = dict(seed=7)
"""


@pytest.fixture
def tiny_config(tiny_corpus: Path, tmp_path: Path) -> Path:
    """A config that trains a very small network on `tiny_corpus` in seconds."""
    path = tmp_path / "tiny.py"
    path.write_text(TINY_CONFIG.replace("missing.pkl", str(tiny_corpus)))
    return path
