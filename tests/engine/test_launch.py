import pytest

from fau3d.engine import launch


def test_unknown_launcher():
    with pytest.raises(ValueError, match="known: none, pytorch, slurm"):
        launch.start_process_group("mpi")


def test_none_starts_nothing():
    launch.start_process_group("none")
    launch.stop_process_group()


@pytest.mark.parametrize("launcher, wanted", [("pytorch", "dist_train.sh"), ("slurm", "slurm_train.sh")])
def test_started_by_hand(monkeypatch, launcher, wanted):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RuntimeError, match=wanted):
        launch.start_process_group(launcher)


def test_slurm_variables(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_PORT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("SLURM_PROCID", "0")
    monkeypatch.setenv("SLURM_NTASKS", "1")
    monkeypatch.setenv("SLURM_NODELIST", "node1")
    monkeypatch.setenv("SLURM_LOCALID", "0")
    monkeypatch.setenv("PORT", "29871")
    try:
        launch.start_process_group("slurm")
        assert launch.torch_dist.get_world_size() == 1
    finally:
        launch.stop_process_group()
        monkeypatch.delenv("RANK", raising=False)
        monkeypatch.delenv("WORLD_SIZE", raising=False)
