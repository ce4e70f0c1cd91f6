import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub

from fau3d.engine import CheckpointError, export_checkpoint, load_exported, read_checkpoint, write_checkpoint
from fau3d.engine.checkpoint import check_au_names
from fau3d.engine.plain_values import from_plain, to_plain


@pytest.fixture
def mmengine_checkpoint(tmp_path):
    """What mmengine itself writes: weights, and a message hub with history buffers."""
    hub = MessageHub("test_checkpoint")
    for value in (1.0, 2.0, 4.0):
        hub.update_scalar("train/loss", value)
    hub.update_info("best_score", np.float64(0.5))
    hub.update_info("dataset_meta", {"au_names": ["AU01"], "weights": np.arange(3)})
    state = OrderedDict(weight=torch.arange(4.0))
    path = tmp_path / "epoch_1.pth"
    torch.save({"meta": {"epoch": 1}, "state_dict": state, "message_hub": hub.state_dict()}, path)
    return path


def test_torch_refuses_what_mmengine_writes(mmengine_checkpoint):
    with pytest.raises(pickle.UnpicklingError):
        torch.load(mmengine_checkpoint, weights_only=True)


def test_reads_what_mmengine_writes(mmengine_checkpoint):
    content = read_checkpoint(mmengine_checkpoint)
    assert content["state_dict"]["weight"].tolist() == [0, 1, 2, 3]
    buffer = content["message_hub"]["log_scalars"]["train/loss"]
    assert isinstance(buffer, HistoryBuffer)
    assert buffer.data[0].tolist() == [1, 2, 4]
    assert buffer.mean() == pytest.approx(7 / 3)
    assert content["message_hub"]["runtime_info"]["best_score"] == 0.5
    MessageHub("again").load_state_dict(content["message_hub"])


def test_writes_what_the_safe_loader_reads(mmengine_checkpoint, tmp_path):
    content = read_checkpoint(mmengine_checkpoint)
    path = tmp_path / "plain.pth"
    write_checkpoint(content, path)
    assert torch.load(path, weights_only=True)["meta"] == {"epoch": 1}
    again = read_checkpoint(path)
    assert again["message_hub"]["log_scalars"]["train/loss"].data[1].tolist() == [1, 1, 1]
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".")] == []


class Evil:
    def __init__(self, call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "call",
    [
        (print, ("run",)),
        (eval, ("1",)),
        (getattr, (OrderedDict, "fromkeys")),
        (__import__, ("os",)),
    ],
)
def test_runs_nothing(tmp_path, call, capsys):
    path = tmp_path / "evil.pth"
    torch.save({"state_dict": {"weight": torch.ones(1)}, "extra": Evil(call)}, path)
    if call[0] is getattr:
        # Looked up by nobody: what stands in for it is inert.
        assert read_checkpoint(path)["extra"] is not OrderedDict.fromkeys
    else:
        with pytest.raises(CheckpointError, match=r"evil.pth: asks for (print|eval|__import__),"):
            read_checkpoint(path)
    assert capsys.readouterr().out == ""


def test_getattr_leads_nowhere(tmp_path):
    """What getattr gives back in a file cannot be called."""
    path = tmp_path / "evil.pth"
    program = (
        b"\x80\x02cbuiltins\ngetattr\n(cmmengine.logging.history_buffer\nHistoryBuffer\n"
        b"X\x08\x00\x00\x00__init__tR(tR."
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", program)
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/byteorder", "little")
    with pytest.raises(CheckpointError, match=r"evil.pth: is no checkpoint, or asks for more than data"):
        read_checkpoint(path)


def test_the_stand_ins_go_when_the_file_is_read(mmengine_checkpoint):
    read_checkpoint(mmengine_checkpoint)
    assert not any(
        getattr(item, "__name__", "") == "getattr" for item in torch.serialization.get_safe_globals()
    )


@pytest.mark.parametrize("size", [0, 10, 400])
def test_a_file_cut_short_is_named(mmengine_checkpoint, size):
    mmengine_checkpoint.write_bytes(mmengine_checkpoint.read_bytes()[:size])
    with pytest.raises(CheckpointError, match=r"epoch_1.pth"):
        read_checkpoint(mmengine_checkpoint)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        read_checkpoint(tmp_path / "nothing.pth")


def test_plain_values_round_trip():
    state = OrderedDict(a=torch.ones(2))
    state._metadata = OrderedDict({"": {"version": 1}})
    tree = {
        "state": state,
        "log": HistoryBuffer([1.0], [2]),
        "n": np.int64(3),
        "t": (1, "x", None),
        "f": np.float32(0.5),
    }
    plain = to_plain(tree)
    assert plain["n"] == 3 and type(plain["n"]) is int and type(plain["f"]) is float
    back = from_plain(plain)
    assert back["state"]._metadata == state._metadata
    assert back["log"].data[1].tolist() == [2]
    with pytest.raises(TypeError, match="plain values"):
        to_plain({"model": object()})


def test_another_au_set_names_both():
    check_au_names(None, ("AU01",))
    check_au_names(("AU01",), ["AU01"])
    with pytest.raises(CheckpointError, match=r"3 action units \(AU01, AU02, AU04\).*1 \(AU12\)"):
        check_au_names(("AU01", "AU02", "AU04"), ("AU12",), "x.pth")


DESCRIPTION = {
    "model": {"type": "AURecognizer", "backbone": {"type": "mmaction.ResNet3dSlowOnly"}},
    "test_pipeline": [{"type": "FaceCrop"}],
    "clip": {"length": 48},
    "topology": "ibug68",
    "au_names": ("AU01",),
    "label_type": "occurrence",
}


@pytest.mark.parametrize("half", [False, True])
def test_export_round_trip(mmengine_checkpoint, tmp_path, half):
    path = tmp_path / "out" / "exported.pth"
    export_checkpoint(mmengine_checkpoint, path, **DESCRIPTION, half=half, metainfo={"licence": "Apache-2.0"})
    assert torch.load(path, weights_only=True)["meta"]["format"] == "fau3d-recognizer-1"
    content = load_exported(path)
    assert content["meta"]["metainfo"] == {"licence": "Apache-2.0"}
    assert content["state_dict"]["weight"].dtype == torch.float32


@pytest.mark.parametrize("name", ["os.system", "fau3d.engine.runner.FaceRunner", "torch.nn.Linear"])
def test_an_export_cannot_choose_what_is_imported(mmengine_checkpoint, tmp_path, name):
    path = tmp_path / "exported.pth"
    export_checkpoint(
        mmengine_checkpoint, path, **{**DESCRIPTION, "model": {"type": "X", "a": [{"type": name}]}}
    )
    with pytest.raises(CheckpointError, match=name):
        load_exported(path)


def test_not_an_export(mmengine_checkpoint):
    with pytest.raises(CheckpointError, match=r"export_checkpoint\.py"):
        load_exported(mmengine_checkpoint)
