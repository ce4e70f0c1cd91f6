# A SlowOnly for the CPU: 91 points, 25 action units and 16 one-sided ones with their intensities, trained on rendered
# faces. The shipped weights learn from a transformer beside: distilled.py.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/slowonly_small.py',
    '../../_base_/datasets/rendered_mediapipe91.py', '../../_base_/schedules/adamw_15e_synthetic.py'
]
work_dir = 'work_dirs/posec3d/dense48_small_mediapipe91/joint'
