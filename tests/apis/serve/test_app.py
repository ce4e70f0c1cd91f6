"""The web app over a real socket: what it takes, what it refuses, what it gives, and that nothing stays."""

import io
import json
import socket
import threading
import zipfile

import cv2
import numpy as np
import pandas as pd
import pytest


def png(kit) -> bytes:
    return cv2.imencode(".png", kit.square_frames(1, faces=2)[0])[1].tobytes()


class TestAnalysis:
    def test_a_video_goes_the_whole_way(self, client, videos, stored):
        job, said = client.analyse(videos(30), "?overlay=1")
        assert said["state"] == "done", said
        result = said["result"]
        assert (result["frames"], result["image"], len(result["faces"])) == (30, False, 1)
        units = {unit["name"]: unit for unit in result["faces"][0]["units"]}
        assert set(units) == {"AU01", "AU04", "AU12", "AU25"}
        assert {"au.csv", "overlay.mp4", "timing.png", "events.csv"} <= {
            file["name"] for file in result["files"]
        }
        status, headers, table = client.ask("GET", f"/jobs/{job}/files/au.csv?download")
        assert status == 200
        assert headers["content-disposition"].startswith("attachment")
        table = pd.read_csv(io.BytesIO(table))
        assert len(table) == 30
        assert units["AU12"]["share"] == pytest.approx(table["AU12_c"].mean(), abs=1e-3)
        assert units["AU12"]["peak"] == pytest.approx(table["AU12_p"].max(), abs=1e-3)
        assert "video.mp4" not in stored()  # the upload is gone once it is analysed
        client.ask("DELETE", f"/jobs/{job}")

    def test_a_player_may_ask_for_a_part_of_a_video(self, client, videos):
        job, _ = client.analyse(videos(12))
        whole = client.ask("GET", f"/jobs/{job}/files/overlay.mp4")[2]
        status, headers, part = client.ask("GET", f"/jobs/{job}/files/overlay.mp4", Range="bytes=100-199")
        assert (status, part) == (206, whole[100:200])
        assert headers["content-range"] == f"bytes 100-199/{len(whole)}"
        client.ask("DELETE", f"/jobs/{job}")

    def test_all_files_come_as_one_archive(self, client, videos):
        job, said = client.analyse(videos(12), "?overlay=0")
        status, headers, archive = client.ask("GET", f"/jobs/{job}/all.zip")
        assert (status, headers["content-type"]) == (200, "application/zip")
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            assert opened.testzip() is None
            names = {name.removeprefix("fau3d-results/") for name in opened.namelist()}
        assert names == {file["name"] for file in said["result"]["files"]}
        assert "overlay.mp4" not in names
        client.ask("DELETE", f"/jobs/{job}")

    def test_how_a_face_rests_is_looked_for(self, client, videos):
        for query, said_so in (("?overlay=0&rest=1", True), ("?overlay=0", False)):
            job, said = client.analyse(videos(30), query)
            assert said["state"] == "done", said
            assert any("rest" in note for note in said["result"]["notes"]) == said_so
            client.ask("DELETE", f"/jobs/{job}")

    def test_where_a_rest_cannot_be_taken_away_it_is_said(self, client, videos, monkeypatch):
        def refuse(**settings):
            raise ValueError("net.pth reads pictures")

        monkeypatch.setattr("fau3d.apis.serve.work.AUInferencer", refuse)
        job, said = client.analyse(videos(12), "?overlay=0&rest=1&faces=3")
        assert said["state"] == "failed" and "cannot be taken away here: net.pth reads" in said["error"]
        client.ask("DELETE", f"/jobs/{job}")

    def test_an_image_has_a_row_for_each_face(self, client, kit):
        job, said = client.analyse(png(kit), "?faces=2")
        assert said["state"] == "done", said
        assert said["result"]["image"]
        assert [face["id"] for face in said["result"]["faces"]] == [0, 1]
        status, headers, picture = client.ask("GET", f"/jobs/{job}/files/overlay.png")
        assert (status, headers["content-type"], headers["x-content-type-options"]) == (
            200,
            "image/png",
            "nosniff",
        )
        assert picture.startswith(b"\x89PNG")
        client.ask("DELETE", f"/jobs/{job}")

    @pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tiff"])
    def test_kinds_of_images(self, client, kit, suffix):
        job, said = client.analyse(cv2.imencode(suffix, kit.square_frames(1)[0])[1].tobytes())
        assert (said["state"], len(said["result"]["faces"])) == ("done", 1)
        client.ask("DELETE", f"/jobs/{job}")

    def test_no_face_is_a_result(self, client):
        black = cv2.imencode(".png", np.zeros((40, 60, 3), np.uint8))[1].tobytes()
        job, said = client.analyse(black)
        assert (said["state"], said["result"]["faces"]) == ("done", [])
        client.ask("DELETE", f"/jobs/{job}")

    def test_two_at_once_do_not_mix(self, client, videos):
        wanted = {20: 1, 31: 2, 26: 1}
        found = {}

        def analyse(frames: int, faces: int) -> None:
            job, said = client.analyse(videos(frames, faces), f"?faces={faces}&overlay=0")
            table = pd.read_csv(io.BytesIO(client.ask("GET", f"/jobs/{job}/files/au.csv")[2]))
            found[frames] = (table["frame"].max() + 1, said["result"]["frames"], len(said["result"]["faces"]))
            client.ask("DELETE", f"/jobs/{job}")

        threads = [threading.Thread(target=analyse, args=pair) for pair in wanted.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {frames: (frames, frames, faces) for frames, faces in wanted.items()}

    def test_deleted_is_gone(self, client, videos, stored):
        before = stored()
        job, _ = client.analyse(videos(12), "?overlay=0")
        assert stored() != before
        assert client.ask("DELETE", f"/jobs/{job}")[0] == 204
        assert stored() == before
        for path in (f"/jobs/{job}", f"/jobs/{job}/all.zip", f"/jobs/{job}/files/au.csv"):
            status, _, said = client.ask("GET", path)
            assert status == 404
            assert "deleted" in json.loads(said)["error"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"words, words, words\n" * 200, "neither a video nor an image"),
            (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n/etc/passwd\n" * 20, "neither"),
            (b"ffconcat version 1.0\nfile /etc/passwd\n" * 20, "neither"),
            (b"v=0\nc=IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n" * 20, "neither"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 20, "neither"),
            (b"\0\0\0\x18ftypheic" + bytes(600), "JPEG"),
            (b"\0\0\0\x18ftypisom" + bytes(600), "damaged"),
            (b"\x89PNG\r\n\x1a\n" + bytes(600), "PNG image"),
            (b"", "empty"),
        ],
    )
    def test_what_is_no_video_or_image_is_refused(self, client, stored, content, word):
        before = stored()
        status, said = client.send(content)
        assert status == 415
        assert word in said["error"]
        assert stored() == before

    def test_too_large_is_refused_before_it_is_sent(self, client):
        # Nothing of the body is sent, so an answer can only come from what was announced.
        with socket.create_connection(client.host.split(":"), timeout=10) as raw:
            raw.sendall(
                f"POST /jobs HTTP/1.1\r\nHost: {client.host}\r\nOrigin: http://{client.host}\r\n"
                "Content-Length: 2000001\r\n\r\n".encode()
            )
            assert raw.recv(4096).startswith(b"HTTP/1.1 413")

    def test_too_large_is_refused_when_its_size_was_not_said(self, client, videos, stored):
        before = stored()
        pieces = (videos(12) if n == 0 else bytes(100_000) for n in range(25))
        status, _, said = client.ask("POST", "/jobs", pieces)
        assert status == 413
        assert "2 MB" in json.loads(said)["error"]
        assert stored() == before

    def test_too_long_is_refused(self, client, videos):
        status, said = client.send(videos(520))
        assert status == 415
        assert "takes 21 seconds; up to 20" in said["error"]

    def test_an_upload_that_breaks_off_leaves_nothing(self, client, videos, stored, until):
        before = stored()
        with socket.create_connection(client.host.split(":"), timeout=10) as raw:
            raw.sendall(
                f"POST /jobs HTTP/1.1\r\nHost: {client.host}\r\nOrigin: http://{client.host}\r\n"
                "Content-Length: 100000\r\n\r\n".encode()
                + videos(12)[:2000]
            )
            until(lambda: "upload" in stored())
        until(lambda: stored() == before)

    @pytest.mark.parametrize(
        "query", ["?model=/etc/passwd", "?model=..%2Ftiny", "?faces=0", "?faces=99", "?overlay=x", "?rest=2"]
    )
    def test_choices_that_are_none(self, client, videos, query):
        assert client.send(videos(12), query)[0] == 400

    def test_names_of_files_lead_nowhere_else(self, client, videos):
        job, _ = client.analyse(videos(12), "?overlay=0")
        for name in ("..%2F..%2Fetc%2Fpasswd", "../video.mp4", "%2Fetc%2Fpasswd", "video.mp4", "au.csv%00"):
            assert client.ask("GET", f"/jobs/{job}/files/{name}")[0] == 404
        for path in ("/..%2Fapp.py", "/../app.py", "/page.html", "/jobs"):
            assert client.ask("GET", path)[0] in (404, 405)
        client.ask("DELETE", f"/jobs/{job}")


class TestGuards:
    def test_headers_of_every_answer(self, client):
        for path in ("/", "/page.js", "/about", "/nothing", "/jobs/none"):
            headers = client.ask("GET", path)[1]
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert "access-control-allow-origin" not in headers

    @pytest.mark.parametrize("method", ["POST", "DELETE"])
    @pytest.mark.parametrize("origin", ["http://example.org", "null", "", "http://127.0.0.1:1"])
    def test_foreign_origins_are_refused(self, client, videos, method, origin):
        path = "/jobs" if method == "POST" else "/jobs/any"
        status, headers, said = client.ask(method, path, videos(12), Origin=origin)
        assert status == 403
        assert "own" in json.loads(said)["error"] or "itself" in json.loads(said)["error"]
        assert "content-security-policy" in headers

    @pytest.mark.parametrize(
        "host", ["example.org", "evil.localhost.example", "127.0.0.1@evil", "10.0.0.1", "a:b"]
    )
    def test_foreign_hosts_are_refused(self, client, host):
        for path in ("/", "/about"):
            assert client.ask("GET", path, Host=host)[0] == 403
        assert client.ask("POST", "/jobs", b"x", Host=host, Origin=f"http://{host}")[0] == 403

    def test_names_of_this_machine_are_taken(self, client):
        for host in (
            "localhost",
            "LOCALHOST:9000",
            "127.0.0.1:1",
            "[::1]:8000",
        ):  # an ssh tunnel changes the port
            assert client.ask("GET", "/", Host=host)[0] == 200

    def test_the_page_loads_nothing_from_elsewhere(self, client):
        for path in ("/", "/page.css", "/page.js", "/result.js", "/camera.js"):
            status, _, text = client.ask("GET", path)
            assert status == 200
            text = text.replace(b"http://www.w3.org/2000/svg", b"").replace(b"http://localhost", b"")
            assert b"http:" not in text and b"https:" not in text and b"innerHTML" not in text
