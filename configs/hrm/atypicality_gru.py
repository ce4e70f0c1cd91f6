# How atypical five raters find a child's expression, from 15 frames of coded units: a GRU.
_base_ = [
    '../_base_/default_runtime.py', '../_base_/datasets/hrm_ratings.py', '../_base_/schedules/adamw_15e_ratings.py'
]
work_dir = 'work_dirs/hrm/atypicality_gru'
model = dict(
    type='RatingRegressor',
    data_preprocessor=dict(type='SequencePreprocessor', num_inputs=22),
    backbone=dict(type='SequenceRecurrent', num_inputs=22, channels=64),
    head=dict(type='RatingHead', in_channels=64))
# The best epoch is that of the smallest error on children who are cut out of training for this alone.
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1, save_best='rating/segment_mse', rule='less'))
