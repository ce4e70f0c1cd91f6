# ME-GraphAU on BP4D, stage 1: nodes and their likeness.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/image_graph_r50.py',
    '../../_base_/datasets/face_crops224.py', '../../_base_/schedules/adamw_20e_graph.py'
]
work_dir = 'work_dirs/image/megraphau/bp4d_resnet50_stage1'
