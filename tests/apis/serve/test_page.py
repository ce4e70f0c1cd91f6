"""The page in a browser: a file goes in through its own input, and a table comes out."""

import pytest

STATE = "['choose', 'working', 'failed', 'result'].filter((id) => !document.getElementById(id).hidden).join()"


@pytest.fixture(scope="module")
def browser(browsers):
    pytest.importorskip(
        "websocket", reason="websocket-client, by which the browser is driven, is not installed"
    )
    binary = browsers.find_chromium()
    if binary is None:
        pytest.skip("no Chromium on this machine")
    chromium = browsers.Browser(binary)
    yield chromium
    chromium.close()


@pytest.fixture
def page(browser, client):
    """The page of the server, ready; afterwards nothing was complained about or asked for elsewhere."""
    browser.messages.clear()
    browser.requests.clear()
    browser.call("Page.navigate", url=f"http://{client.host}/")
    browser.wait("document.querySelector('#model option') !== null")
    yield browser
    assert not browser.messages
    own = (f"http://{client.host}/", "blob:", "data:")
    assert not [address for address in browser.requests if not address.startswith(own)]


def give(page, path) -> None:
    """Put a file into the page's input, as a person does in the system's window."""
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    page.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
    page.wait("!document.getElementById('start').disabled")


def test_a_video_goes_in_and_a_table_comes_out(page, videos, tmp_path, client):
    path = tmp_path / "my <b>smile.mp4"  # names are text, whatever they hold
    path.write_bytes(videos(30))
    assert page.run("document.getElementById('start').disabled")
    give(page, path)
    page.click("#start")
    page.wait("!document.getElementById('result').hidden", 30)
    assert page.run("document.querySelector('#result h2').textContent") == path.name
    rows = page.run("[...document.querySelectorAll('.units tbody tr')].map((row) => row.innerText)")
    assert len(rows) == 4
    assert any("AU12" in row and "Lip corner puller" in row for row in rows)
    job = page.run("location.hash.slice(1)")
    page.call("Page.reload")
    page.wait("document.querySelectorAll('.units tbody tr').length === 4", 10)
    page.click("#result .delete")
    page.wait("!document.getElementById('choose').hidden")
    assert client.ask("GET", f"/jobs/{job}")[0] == 404


def test_the_report_stands_in_the_page(page, videos, tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(videos(12))
    give(page, path)
    page.click("#start")
    page.wait("!document.getElementById('result').hidden", 30)
    inside = "document.querySelector('.report iframe')"
    # Its scripts have run under both policies, the page's own and the server's, and its video is found.
    page.wait(f"{inside}.contentWindow.fau3dReport !== undefined", 10)
    page.wait(f"{inside}.contentDocument.querySelector('video').readyState > 0", 10)


def test_the_keyboard_is_enough(page, videos, tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(videos(12))
    give(page, path)
    page.run("document.getElementById('overlay').click()")
    page.run("document.getElementById('rest').click()")
    page.run("document.getElementById('start').focus()")
    page.press("Enter")
    page.wait("!document.getElementById('result').hidden", 30)
    assert page.run("document.activeElement.tagName") == "H2"
    assert "known to rest" in page.run("document.getElementById('result').innerText")
    page.run("document.querySelector('#result .again').focus()")
    page.press("Enter")
    page.wait("!document.getElementById('choose').hidden")
    assert page.run("document.activeElement.id") == "file"


def test_a_picture_from_the_webcam_is_analysed(page):
    page.click("#webcam")
    page.wait("!document.getElementById('camera').hidden && document.getElementById('view').videoWidth > 0")
    page.click("#snap")
    page.wait("!document.getElementById('start').disabled")
    assert page.run("document.getElementById('view').srcObject.active") is False
    page.run("document.getElementById('start').click()")
    page.wait("!document.getElementById('result').hidden", 30)
    assert page.run("document.querySelector('#result h2').textContent") == "webcam.jpg"


def test_a_refusal_is_a_sentence_on_the_page(page, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"words " * 500)
    give(page, path)
    page.click("#start")
    page.wait("!document.getElementById('failed').hidden")
    assert "neither a video nor an image" in page.run("document.getElementById('failure').textContent")
    page.messages.clear()  # the browser itself notes the refusal, and that it cannot show the file
    page.click("#failed .again")
    assert page.run(STATE) == "choose"


def test_a_file_that_is_too_large_is_not_even_sent(page, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(2_000_001))
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    page.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
    page.wait("!document.getElementById('choose-error').hidden")
    assert page.run("document.getElementById('start').disabled")
    assert not [address for address in page.requests if "/jobs" in address]


def test_nothing_is_wider_than_a_phone(page):
    page.resize(390, 800, mobile=True)
    page.settle()
    assert page.run("document.documentElement.scrollWidth") <= 390
    page.resize(1360, 860)
