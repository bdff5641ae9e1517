"""What real hospital software gets wrong, over sockets: told so that its people understand it, and kept as messages."""

import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.field import field_json, field_requests, needs_field
from tests.protocols.raw import RawHospital, add, message_of, send_raw
from tests.serving import Serving, served

UPDATE = "/aplicaresws/rest/bed/update"
ROWS = "/fo/index.php/Fasyankes"
CELLS = "/sirsservice/ranap"
DELETE_CELL = "/sirsservice/sisrute/hapusdata"
ROOM = b'{"kodekelas":"KL2","koderuang":"%s","namaruang":"Dahlia","kapasitas":"12","tersedia":"4"}'
ROW = {"id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9"}
CELL = {"kode_ruang": "0003", "tipe_pasien": "0000", "total_TT": 4, "kosong_male": 4}
ENGLISH = {"the", "is", "not", "of", "this", "your", "valid", "request", "allowed", "found", "with", "must", "and"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("rejections"), "--seed", "semarang") as serving:
        yield serving


@pytest.fixture(scope="module")
def hospital(server: Serving) -> RawHospital:
    return RawHospital(server, add(server, 7), server.key())


def is_indonesian(text: str) -> bool:
    return not ENGLISH & set(text.lower().replace(":", " ").split())


def codes(hospital: RawHospital) -> set[str]:
    return {line["ward_code"] for line in hospital.lines("siranap_v1", "aplicares", "sirs")}


# Bodies.


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"kodekelas":"KL2","koderuang":"B8","namaruang":"Dahlia "B"","kapasitas":"12"}',
         ["baris 1, kolom 58", '«B"","kapasitas":"12"}»']),
        (b'{"kodekelas":"KL2",\r\n\t"koderuang":,\r\n"tersedia":1}', ["baris 2, kolom 14", r"«,\r\n"]),
        (b'{"kodekelas":"KL2", kapasitas:1}', ["baris 1, kolom 21", "«kapasitas:1}»", "nama field"]),
        (b'{"kodekelas":"KL2","kapasitas":1', ["kolom 33", "teks berakhir"]),
        (b"<xml/>", ["baris 1, kolom 1", "«<xml/>»"]),
        (b"", ["isinya kosong"]),
        (b"[]", ["daftarnya kosong"]),
        (b"null", ["«null»"]),
        (b'[{"kodekelas":"KL2"},{"kodekelas":"KL3"},{}]', ["3 baris", "satu baris per permintaan"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("protocol", "status"), [("aplicares", 200), ("sirs", 400)])
def test_text_that_is_no_json_is_told_with_its_place(
    *, body: bytes, told: list[str], protocol: str, status: int, hospital: RawHospital
) -> None:
    path = f"POST {UPDATE}/{hospital.typed['aplicares']['kodeppk']}" if protocol == "aplicares" else f"PUT {ROWS}"
    got, _, said = hospital.send(protocol, path, body)
    message = message_of(protocol, said)
    assert got == status, said
    assert message.startswith("Gagal: isi permintaan")
    assert all(each in message for each in told), message
    assert is_indonesian(message)
    if protocol == "aplicares":
        assert said["metadata"]["code"] == 0  # SIMRS Khanza shows the message with HTTP 200 only
    [newest, *_] = hospital.messages()
    assert (newest["outcome"], newest["status"], newest["detail"]) == ("refused", status, message[len("Gagal: ") :])


@pytest.mark.parametrize(
    "body",
    [
        ROOM % b"T1" + b"\x00",
        b"\xef\xbb\xbf \r\n" + ROOM % b"T2",
        (ROOM % b"T3").replace(b"Dahlia", b"Dahlia\t2\r\nbarat"),
        json.dumps((ROOM % b"T4").decode()).encode(),
        b"[" + ROOM % b"T5" + b"]",
        json.dumps([(ROOM % b"T6").decode()]).encode(),
        b"%7B%22kodekelas%22%3A%22KL2%22%2C%22koderuang%22%3A%22T7%22%2C%22kapasitas%22%3A12%2C%22tersedia%22%3A4%7D",
        b"kodekelas=KL2&koderuang=T8&kapasitas=12&tersedia=4",
        (ROOM % b"T9").replace(b'"tersedia"', b'"catatan":' + b"9" * 6000 + b',"tersedia"'),
    ],
    ids=["nul", "bom", "tab", "twice", "list", "list of text", "percent", "form", "number"],
)
def test_what_can_be_read_is_read(body: bytes, hospital: RawHospital) -> None:
    status, _, said = hospital.send("aplicares", f"POST {UPDATE}/{hospital.typed['aplicares']['kodeppk']}", body)
    assert (status, said["metadata"]["code"]) == (200, 1), said


def test_a_list_of_one_and_a_raw_line_break_are_rows_of_sirs_too(hospital: RawHospital) -> None:
    row = json.dumps({**ROW, "ruang": "A\tB\nC"}).replace("\\t", "\t").replace("\\n", "\n")
    status, _, said = hospital.send("sirs", f"PUT {ROWS}", f"[{row}]".encode())
    assert (status, said["fasyankes"][0]["status"]) == (200, "200")
    _, _, read = hospital.send("sirs", f"GET {ROWS}")
    assert "A\tB\nC" in {each["ruang"] for each in read["fasyankes"]}


def test_xml_that_cannot_be_read_is_told_with_its_place(hospital: RawHospital) -> None:
    for body, told in [
        (b"<xml>\n<data><kode_ruang>0003</kode_ruang></date></xml>", "baris 2, kolom 38"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xml/>', "XML tanpa DTD: baris 1, kolom 1"),
        (b'{"kode_ruang": "0003" "x"}', "baris 1, kolom 23"),
    ]:
        status, _, said = hospital.send("siranap_v1", f"POST {CELLS}", body)
        assert status == 400, said
        assert told in said["deskripsi"], said
        assert hospital.messages()[0]["detail"] == said["deskripsi"][len("Gagal: ") :]


# Paths and methods.


@pytest.mark.parametrize(
    "path",
    [
        "/aplicaresws/rest/aplicaresws/rest/bed/update",
        "/aplicaresws/restaplicaresws/rest/bed/update",
        "/aplicaresws/rest//aplicaresws/rest/bed/update",
        "/aplicaresws/aplicaresws/rest/bed/update",
        "/aplicareswsaplicaresws/rest/bed/update",
        "/aplicaresws/rest/rest/bed/update",
        "/aplicaresws/Rest/Bed/Update",
    ],
)
def test_a_base_that_the_software_adds_again_is_the_same_address(path: str, hospital: RawHospital) -> None:
    line = f"POST {path}/{hospital.typed['aplicares']['kodeppk']}"
    status, _, said = hospital.send("aplicares", line, ROOM % b"P1")
    assert (status, said["metadata"]["code"]) == (200, 1), said
    assert hospital.messages()[0]["request"] == line


@pytest.mark.parametrize(
    "path",
    ["/fo/index.php/fo/index.php/Fasyankes", "/fo/index.phpfo/index.php/Fasyankes", "/fo/fo/index.php/Fasyankes"],
)
def test_so_it_is_for_sirs(path: str, hospital: RawHospital) -> None:
    status, _, said = hospital.send("sirs", f"PUT {path}", json.dumps(ROW).encode())
    assert (status, said["fasyankes"][0]["status"]) == (200, "200"), said


@pytest.mark.parametrize(
    ("protocol", "method", "path", "right"),
    [
        ("aplicares", "PUT", "//aplicaresws/rest/bed/update/{ppk}/", ["POST"]),
        ("aplicares", "GET", "/aplicaresws/rest/bed/create/{ppk}", ["POST"]),
        ("aplicares", "DELETE", "/aplicaresws/rest/bed/delete/{ppk}", ["POST"]),
        ("aplicares", "POST", "/aplicaresws/rest/ref/kelas", ["GET"]),
        ("aplicares", "POST", "/aplicaresws/rest/bed/read/{ppk}/1/10", ["GET"]),
        ("sirs", "PATCH", "/fo/index.php/Fasyankes%5C", ["DELETE", "GET", "POST", "PUT"]),
        ("sirs", "GET", "/fo/index.php/Fasyankes/900000001", ["DELETE", "POST", "PUT"]),
        ("sirs", "POST", "/fo/index.php/Referensi/tempat_tidur", ["GET"]),
        ("siranap_v1", "PUT", "/sirsservice/ranap", ["POST"]),
        ("siranap_v1", "DELETE", "/sirsservice/sisrute/hapusdata/1/2/3", ["GET", "POST"]),
    ],
)
def test_a_wrong_method_is_told_with_the_right_ones_and_the_path_as_it_was_sent(
    *, protocol: str, method: str, path: str, right: list[str], hospital: RawHospital
) -> None:
    path = path.format(ppk=hospital.typed["aplicares"]["kodeppk"])
    status, headers, said = hospital.send(protocol, f"{method} {path}", b"{}")
    message = message_of(protocol, said)
    if protocol == "sirs" and method == "GET":
        message = json.loads(message)["response"]
    assert (status, headers["allow"]) == (405, ", ".join(right))
    assert message == f"Gagal: metode {method} tidak berlaku untuk alamat {path}; gunakan {' atau '.join(right)}"
    [newest, *_] = hospital.messages()
    assert (newest["request"], newest["outcome"], newest["status"]) == (f"{method} {path}", "refused", 405)


@pytest.mark.parametrize(
    ("protocol", "line"),
    [
        ("aplicares", "POST /aplicaresws/rest/bed/updat/{ppk}"),
        ("aplicares", "GET /aplicaresws"),
        ("aplicares", "POST /aplicaresws/bed%0Aupdate"),
        ("sirs", "PUT /fo/index.php/Fasyanke"),
        ("sirs", "POST /fo/index.php/Fasyankes/sdm"),
        ("siranap_v1", "POST /sirsservice//ranap/x"),
    ],
)
def test_a_wrong_path_is_told_as_it_was_sent_and_is_among_the_messages(
    protocol: str, line: str, hospital: RawHospital
) -> None:
    line = line.format(ppk=hospital.typed["aplicares"]["kodeppk"])
    status, _, said = hospital.send(protocol, line, b"{}")
    assert status == 404
    assert f"Gagal: alamat {line.split()[1]} tidak ada" in json.dumps(said)
    [newest, *_] = hospital.messages()
    assert (newest["request"], newest["channel"], newest["status"]) == (line, protocol, 404)
    assert newest["detail"].startswith(f"alamat {line.split()[1]} tidak ada; periksa URL (alamat dasar: /")


@pytest.mark.parametrize(
    ("protocol", "line", "base"),
    [
        ("sirs", "PUT /Fasyankes", "/fo/index.php"),
        ("sirs", "GET /index.php/Fasyankes", "/fo/index.php"),
        ("aplicares", "POST /bed/update/1199R007", "/aplicaresws/rest"),
        ("aplicares", "POST /rest/bed/update/1199R007", "/aplicaresws/rest"),
        ("siranap_v1", "POST /ranap", "/sirsservice"),
    ],
)
def test_a_base_that_is_missing_is_told_and_noted_outside_all_prefixes(
    protocol: str, line: str, base: str, hospital: RawHospital
) -> None:
    status, _, said = hospital.send(protocol, line, b"{}")
    assert status == 404
    told = f"alamat {line.split()[1]} tidak ada; periksa URL (alamat dasar: {base})"
    assert told in json.dumps(said)
    [newest, *_] = hospital.messages()
    assert (newest["request"], newest["channel"], newest["detail"]) == (line, protocol, told)


@pytest.mark.parametrize(
    ("line", "status", "outcome"),
    [
        ("GET /v1/areas/33.74/capacity", 200, "accepted"),
        ("POST /v1/reports", 401, "refused"),
        ("GET /v1/areas/33.74/facilities?limit=x", 422, "refused"),
    ],
)
def test_what_our_own_api_answers_to_a_protocol_s_credential_is_kept_too(
    line: str, status: int, outcome: str, hospital: RawHospital
) -> None:
    assert hospital.send("sirs", line, b"{}" if line.startswith("POST") else b"")[0] == status
    [newest, *_] = hospital.messages()
    assert newest["request"] == line.partition("?")[0] or newest["request"] == line
    assert (newest["channel"], newest["outcome"], newest["status"]) == ("sirs", outcome, status)


def test_a_key_at_the_wrong_door_is_noted(hospital: RawHospital) -> None:
    for protocol, line in [
        ("sirs", f"POST {CELLS}"),
        ("siranap_v1", f"PUT {ROWS}"),
        ("sirs", f"POST {UPDATE}/1199R007"),
    ]:
        status, _, said = hospital.send(protocol, line, b"{}")
        assert status == 401
        [newest, *_] = hospital.messages()
        assert (newest["request"], newest["outcome"], newest["status"]) == (line, "refused", 401)
        assert is_indonesian(newest["detail"])
        assert "tidak sah" in json.dumps(said)


def test_a_body_that_never_comes_is_noted(hospital: RawHospital) -> None:
    head = f"PUT {ROWS} HTTP/1.1\r\nHost: x\r\n{hospital.credential('sirs')}Content-Length: 99\r\n\r\n{{"
    with socket.create_connection(("127.0.0.1", hospital.server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        time.sleep(0.1)
    for _ in range(50):
        [newest, *_] = hospital.messages()
        if newest["detail"] == "isi permintaan tidak lengkap":
            break
        time.sleep(0.05)
    assert (newest["request"], newest["outcome"]) == (f"PUT {ROWS}", "refused")


# Requests that no route sees.


@pytest.mark.parametrize("protocol", ["aplicares", "sirs", "siranap_v1"])
def test_what_the_limits_refuse_is_told_in_indonesian_and_noted(protocol: str, hospital: RawHospital) -> None:
    path = {"aplicares": UPDATE, "sirs": ROWS, "siranap_v1": CELLS}[protocol]
    many = "".join(f"X-{n}: 1\r\n" for n in range(100))
    for line, more, status in [
        (f"POST {path}?x={'y' * 3000}", "", 414),
        (f"POST {path}/{'y' * 5000}", "", 414),
        (f"POST {path}/{'y' * 30000}", "", 414),
        (f"POST {path}", many, 431),
        (f"POST {path}", f"X-Long: {'y' * 17_000}\r\n", 431),
        (f"POST {path}", f"X-Long: {'y' * 30_000}\r\n", 431),
    ]:
        got, headers, said = hospital.send(protocol, line, more=more)
        assert (got, headers["content-type"]) == (status, "application/json"), said
        assert is_indonesian(message_of(protocol, said)), said
        [newest, *_] = hospital.messages()
        assert (newest["status"], newest["outcome"]) == (status, "refused")
        assert newest["detail"] == message_of(protocol, said)[len("Gagal: ") :]


def test_a_body_too_large_is_told_with_the_limit(hospital: RawHospital) -> None:
    ppk = hospital.typed["aplicares"]["kodeppk"]
    for protocol, line, status in [
        ("aplicares", f"POST {UPDATE}/{ppk}", 200),
        ("sirs", f"PUT {ROWS}", 413),
        ("siranap_v1", f"POST {CELLS}", 413),
    ]:
        got, _, said = hospital.send(protocol, line, b" " * 66_000)
        assert got == status, said
        assert message_of(protocol, said) == "Gagal: isi permintaan terlalu besar; paling banyak 65536 byte"
        assert hospital.messages()[0]["outcome"] == "refused"


@pytest.mark.parametrize("protocol", ["aplicares", "sirs", "siranap_v1"])
@pytest.mark.parametrize(
    ("method", "more", "length", "told"),
    [
        ("POST", "X Kunci: 1\r\n", None, "header «X Kunci»"),
        ("POST", "tanpa titik dua\r\n", None, "(tanpa titik dua)"),
        ("POST", "", "dua belas", "header «Content-Length»"),
        ("post", "", None, "huruf besar"),
        ("KIRIM", "", None, "bukan HTTP yang benar"),
        ("POST /a b", "", None, "tanpa spasi"),
    ],
)
def test_what_is_not_http_is_told_and_noted_where_the_credential_can_be_read(
    *, protocol: str, method: str, more: str, length: str | None, told: str, hospital: RawHospital
) -> None:
    path = {"aplicares": UPDATE, "sirs": ROWS, "siranap_v1": CELLS}[protocol]
    line = f"POST {path}/a b HTTP/1.1" if "/a b" in method else f"{method} {path} HTTP/1.1"
    status, headers, said = hospital.send(protocol, line, b"{}", more=more, length=length)
    assert (status, headers["content-type"]) == (400, "application/json"), said
    message = message_of(protocol, said)
    assert told in message
    assert is_indonesian(message)
    [newest, *_] = hospital.messages()
    assert newest["request"].startswith(line.split(maxsplit=1)[0] + " " + path)
    assert (newest["status"], newest["outcome"], newest["detail"]) == (400, "refused", message[len("Gagal: ") :])


@pytest.mark.parametrize("protocol", ["aplicares", "sirs"])
def test_so_it_is_outside_all_prefixes(protocol: str, hospital: RawHospital) -> None:
    for line in ("PUT /Fasyankes", "POST /v1/reports", "post /bed/update"):
        status, _, said = hospital.send(protocol, line, b"{}", more="X Kunci: 1\r\n")
        [newest, *_] = hospital.messages()
        assert (newest["request"], newest["channel"], newest["status"]) == (line, protocol, status)
        assert newest["detail"] == said["detail"]


def test_so_is_a_head_that_comes_in_pieces_or_a_body_whose_chunks_are_none(hospital: RawHospital) -> None:
    head = f"PUT {ROWS} HTTP/1.1\r\nHost: x\r\n{hospital.credential('sirs')}".encode()
    with socket.create_connection(("127.0.0.1", hospital.server.port), timeout=10) as connection:
        for part in (head[:20], head[20:], b"X Kunci: 1\r\n\r\n"):
            connection.sendall(part)
            time.sleep(0.05)
        assert b'"status":"400"' in connection.recv(65536)
    assert hospital.messages()[0]["status"] == 400
    [before, *_] = hospital.messages()
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"
    status, _, answer = send_raw(hospital.server, chunked)
    assert (status, json.loads(answer)["fasyankes"][0]["status"]) == (400, "400")
    [newest, second, *_] = hospital.messages()
    assert (newest["status"], newest["outcome"]) == (400, "refused")
    assert second["request_id"] == before["request_id"]  # it is noted once


def test_a_stranger_is_told_the_same_and_leaves_no_message(hospital: RawHospital) -> None:
    newest = hospital.messages()[0]["request_id"]
    for line in (f"PATCH {ROWS}", "GET /aplicaresws/x", "post /sirsservice/ranap"):
        status, _, answer = send_raw(
            hospital.server, f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        assert status in {400, 404, 405}
        assert is_indonesian(answer.decode())
        assert b"Gagal" in answer
    assert hospital.messages()[0]["request_id"] == newest


def test_reading_is_a_message_too(hospital: RawHospital) -> None:
    for protocol, line in [
        ("sirs", f"GET {ROWS}"),
        ("sirs", "GET /fo/index.php/Referensi/tempat_tidur"),
        ("aplicares", "GET /aplicaresws/rest/ref/kelas"),
        ("aplicares", f"GET /aplicaresws/rest/bed/read/{hospital.typed['aplicares']['kodeppk']}/1/10"),
    ]:
        assert hospital.send(protocol, line)[0] == 200
        [newest, *_] = hospital.messages()
        assert (newest["request"], newest["outcome"]) == (line, "accepted")


# HEAD.


def test_head_changes_nothing_on_any_path(hospital: RawHospital) -> None:
    cell = "".join(f"<{name}>{value}</{name}>" for name, value in CELL.items())
    hospital.send("siranap_v1", f"POST {CELLS}", f"<xml><data>{cell}</data></xml>".encode())
    assert "0003:0000" in codes(hospital)
    before, ppk = hospital.ask("/v1/position"), hospital.typed["aplicares"]["kodeppk"]
    rs = hospital.typed["sirs"]["x_rs_id"]
    for protocol, path, status in [
        ("siranap_v1", f"{DELETE_CELL}/{rs}/0000/0003", 405),
        ("siranap_v1", CELLS, 405),
        ("sirs", ROWS, 200),
        ("sirs", "/fo/index.php/Referensi/tempat_tidur", 200),
        ("sirs", f"{ROWS}/900000001", 405),
        ("aplicares", "/aplicaresws/rest/ref/kelas", 200),
        ("aplicares", f"/aplicaresws/rest/bed/read/{ppk}/1/10", 200),
        ("aplicares", f"{UPDATE}/{ppk}", 405),
        ("aplicares", f"/aplicaresws/rest/bed/delete/{ppk}", 405),
    ]:
        got, _, body = hospital.send(protocol, f"HEAD {path}")
        assert (got, body) == (status, None), path
    assert hospital.ask("/v1/position") == before
    _, _, said = hospital.send("siranap_v1", f"GET {DELETE_CELL}/{rs}/0000/0003")
    assert said["deskripsi"] == "Data berhasil dihapus"  # as the protocol has it
    assert hospital.ask("/v1/position") != before


# As clients send them.


def test_a_tab_a_quotation_mark_an_added_base_and_a_wrong_method_as_clients_send_them(hospital: RawHospital) -> None:
    ppk = hospital.typed["aplicares"]["kodeppk"]
    tab = b'{"kodekelas":"KL2","koderuang":"B7","namaruang":"Dahlia\t","kapasitas":"12","tersedia":"4"}'
    quote = b'{"kodekelas":"KL2","koderuang":"B8","namaruang":"Dahlia "B"","kapasitas":"12","tersedia":"4"}'
    room = ROOM % b"B9"
    assert hospital.send("aplicares", f"POST {UPDATE}/{ppk}", tab)[2]["metadata"]["code"] == 1
    status, _, said = hospital.send("aplicares", f"POST {UPDATE}/{ppk}", quote)
    assert (status, said["metadata"]["code"]) == (200, 0)
    assert "kolom 58" in said["metadata"]["message"]
    again = f"POST /aplicaresws/rest/aplicaresws/rest/bed/update/{ppk}"
    assert hospital.send("aplicares", again, room)[2]["metadata"]["code"] == 1
    wrong = hospital.send("aplicares", f"PUT {UPDATE}/{ppk}", room)[2]["metadata"]
    assert wrong["code"] != 1
    assert "POST" in wrong["message"]
    found = codes(hospital)
    assert {"KL2:B7", "KL2:B9"} <= found
    assert "KL2:B8" not in found


@pytest.fixture(scope="module")
def collected(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> RawHospital:
    """A hospital of its own, which took the ministry's two rows of one name over."""
    hospital = RawHospital(server, add(server, 8), server.key())
    rows = tmp_path_factory.mktemp("rows") / "two_ids_one_name.json"
    rows.write_text(json.dumps(field_json(rows.name)))
    facility_id = hospital.typed["facility_id"]
    done = server.run("hospital", "import-rows", str(rows), "--facility-id", facility_id)
    assert done.returncode == 0, done.stderr
    return hospital


@needs_field
def test_the_collected_requests_byte_for_byte_in_their_order(collected: RawHospital) -> None:
    ppk = collected.typed["aplicares"]["kodeppk"]
    for protocol in ("sirs", "aplicares"):
        for request in field_requests(protocol):
            line = f"{request['method']} {request['path'].format(ppk=ppk)}"
            status, _, said = collected.send(protocol, line, request["body"].encode())
            [newest, *_] = collected.messages()
            assert newest["request"] == line
            is_refused = any(word in request["expect"] for word in ("code 0", "code other than 1"))
            assert (newest["outcome"] == "refused") is is_refused, (request, newest)
            if protocol == "sirs":
                assert (status, said["fasyankes"][0]["status"]) == (200, "200"), request
            elif "HTTP 200, code 0" in request["expect"]:
                assert (status, said["metadata"]["code"]) == (200, 0)
                assert "baris 1, kolom " in said["metadata"]["message"]
            elif is_refused:
                assert said["metadata"]["code"] != 1
                assert "gunakan POST" in said["metadata"]["message"]
            else:
                assert (status, said["metadata"]["code"]) == (200, 1), request
            flagged = {"antrian flagged": "unreadable_value: antrian", "over_capacity": "over_capacity: ",
                       "split flagged": "unreadable_value: tersediapria"}  # fmt: skip
            for word, told in flagged.items():
                if word in request["expect"]:
                    assert told in newest["detail"]
                    assert told in json.dumps(said)
                    assert is_indonesian(newest["detail"])
    rows = {line["ward_code"]: (line["beds_total"], line["beds_occupied"]) for line in collected.lines("sirs")}
    assert (rows["52200001"], rows["52200002"]) == ((12, 6), (7, 2))
    assert sorted(rows.values()) == [(5, 3), (6, 1), (7, 2), (10, 1), (12, 6)]
    rooms = {line["ward_code"].partition(":")[2]: line for line in collected.lines("aplicares")}
    assert {code: (room["beds_total"], room["beds_occupied"]) for code, room in rooms.items()} == {
        "M1": (10, 12), "I1": (8, 6), "B7": (12, 8), "B9": (12, 8), "V1": (2, 1),
    }  # fmt: skip
    assert rooms["V1"]["bed_type"] == "ward_vvip"
