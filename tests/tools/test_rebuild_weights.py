"""What is trained before what, when weights are rebuilt; a stand-in writes down what would run."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mmengine.config import Config

STAND_IN = """#!/usr/bin/env bash
echo "$*" >> "$LOG"
for (( i = 1; i < $#; i++ )); do
    if [ "${!i}" = --work-dir ]; then
        next=$((i + 1)); mkdir -p "${!next}"; echo "${!next}/epoch_15.pth" > "${!next}/last_checkpoint"
    fi
done
case "$*" in
    *rendered_annotations*) mkdir -p "$3"; touch "$3/train.pkl" "$3/test.pkl" ;;
    *merge_annotations*) mkdir -p "$(dirname "${@: -1}")"; touch "${@: -1}" ;;
    *export_checkpoint*) touch "$4" ;;
esac
"""


@pytest.fixture
def rebuild(repo_root: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """Rebuild weights with the stand-in; gives the commands, without the launcher's part."""
    shutil.copytree(repo_root / "tools", tmp_path / "copy" / "tools")
    for name in ("python", "python3"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(STAND_IN)
        program.chmod(0o755)
    log = tmp_path / "log"
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environment |= {"PATH": f"{tmp_path / 'bin'}:{environment['PATH']}", "LOG": str(log)}

    def run(name: str) -> list[str]:
        log.write_text("")
        script = tmp_path / "copy" / "tools" / "rebuild_weights.sh"
        subprocess.run(["bash", str(script), "FaceKit", name], env=environment, check=True, timeout=60)
        return [line.rpartition("tools/train.py ")[2] for line in log.read_text().splitlines()]

    return run


def _trained(commands: list[str]) -> list[str]:
    words = [command.split() for command in commands if command.startswith("configs/")]
    return [line[line.index("--work-dir") + 1] for line in words]


def test_teachers_come_first_and_are_shared(rebuild: Callable[[str], list[str]], repo_root: Path) -> None:
    made = "work_dirs/teachers_mediapipe91/"
    first = [made + name for name in ("joint_0", "as_seen_0", "joint_1", "as_seen_1", "transformer")]
    slowonly = rebuild("slowonly_synthetic41_mediapipe91")
    assert _trained(slowonly) == [*first, "work_dirs/slowonly_synthetic41_mediapipe91"]
    assert f"custom_hooks.3.checkpoints=[{made}transformer.pth]" in slowonly[-2]
    transformer = rebuild("transformer_synthetic41_mediapipe91")
    own = [made + "stgcnpp", made + "limb", "work_dirs/transformer_synthetic41_mediapipe91"]
    assert _trained(transformer) == own
    assert any("--first-person 1160 --people 1000" in command for command in transformer)
    assert _trained(rebuild("stgcnpp_synthetic41_mediapipe91")) == [
        "work_dirs/stgcnpp_synthetic41_mediapipe91"
    ]
    # What the last step starts from and listens to is what was made.
    for kind in ("transformer", "stgcnpp"):
        config = Config.fromfile(
            repo_root / "configs" / "keypoint" / f"{kind}_mediapipe91" / "more_people.py"
        )
        teachers = config.custom_hooks[-1]["checkpoints"]
        assert {Path(path).stem for path in teachers} == {"transformer", "stgcnpp", "limb"}
        assert {str(Path(path).parent) + "/" for path in teachers} == {made}
        assert config.load_from == f"{made}{kind}/epoch_15.pth"
        merged = config.train_dataloader.dataset.ann_file
        assert any(command.endswith(merged) for command in transformer)


def test_sixty_eight_points_need_no_teacher(rebuild: Callable[[str], list[str]]) -> None:
    assert _trained(rebuild("transformer_synthetic41_ibug68")) == ["work_dirs/transformer_synthetic41_ibug68"]


def test_an_unknown_name_is_refused(rebuild: Callable[[str], list[str]]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        rebuild("other")
