# FMAE on BP4D: a ViT-L that learned to paint faces, fine-tuned. Give its weights, converted by
# tools/convert/mae_vit.py, with --load-from.
_base_ = [
    '../../_base_/default_runtime.py', '../../_base_/models/image_vit_large.py',
    '../../_base_/datasets/face_crops224.py', '../../_base_/schedules/adamw_20e_vit_large.py'
]
work_dir = 'work_dirs/image/fmae/bp4d_vit_large'
