//! Connections of clients, as bytes on sockets:
//!
//! 1. A client that is slow, silent or does not read its answer is given up, and shuts nobody out. Where all are worked
//!    for, the next one is told to come back.
//! 2. Requests out of the ordinary get an answer, and never cost the next one.
//! 3. Whoever sends a request before the server stops accepting gets an answer.
//! 4. The admin routes: their own address, wrong methods, guessed keys. Preflights of other origins.

use crate::support::server::{ADMIN_KEY, TestServer};
use search_server::{AllowedOrigin, BindSettings, ConnectionSettings, ServeSettings, WebSettings};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;

const ORGS: &str = "id,name,parent_id\n1,共青团北京市委员会,\n2,共青团北京大学委员会,1\n";
const LIVEZ: &[u8] = b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";

fn connect(address: &str) -> TcpStream {
    TcpStream::connect(address.trim_start_matches("http://")).unwrap()
}

/// Everything until the other side closes.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One answer of a connection that stays open: its head, and its body by its length; `None` at the end.
fn answer(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some(head)
}

fn impatient(most: usize) -> ServeSettings {
    let wait = Duration::from_millis(100);
    let connections = ConnectionSettings { header_timeout: wait, keep_alive: wait, most };
    ServeSettings { connections, ..ServeSettings::default() }
}

fn patient(most: usize) -> ServeSettings {
    let wait = Duration::from_secs(3_600);
    let connections = ConnectionSettings { header_timeout: wait, keep_alive: wait, most };
    ServeSettings { connections, ..ServeSettings::default() }
}

#[test]
fn slow_and_silent_clients_are_given_up() {
    let server = TestServer::in_memory_with(ORGS, impatient(100));
    for sent in [&b""[..], b"GET /li", b"GET /livez HTTP/1.1\r\nhost: a\r\nx: "] {
        let mut stream = connect(server.address());
        stream.write_all(sent).unwrap();
        assert_eq!(rest(&mut stream), "", "closed without an answer");
    }
    // Between two requests.
    let mut stream = connect(server.address());
    stream.write_all(LIVEZ).unwrap();
    assert!(answer(&mut stream).unwrap().starts_with("http/1.1 200"));
    assert_eq!(rest(&mut stream), "");
    // One byte now and then makes no head whole.
    let mut stream = connect(server.address());
    let trickled = (0..10_000).take_while(|_| stream.write_all(b"x").is_ok()).count();
    assert!(trickled > 0);
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let server = TestServer::in_memory_with(ORGS, impatient(100));
    let mut stream = connect(server.address());
    // Requests without end; their answers fill every buffer between the two, then the server closes.
    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    let request = b"GET /org-autocomplete.js HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100);
    while stream.write_all(&request).is_ok() {}
    assert_eq!(server.get("/livez").status, 200);
}

#[test]
fn slow_clients_shut_nobody_out() {
    let server = TestServer::in_memory_with(ORGS, patient(8));
    let mut slow: Vec<TcpStream> = Vec::new();
    for at in 0..50 {
        let mut stream = connect(server.address());
        let head: &[u8] = if at % 2 == 0 { b"GET /livez HTTP/1.1\r\nhost: " } else { b"" };
        stream.write_all(head).unwrap();
        slow.push(stream);
        if at % 10 == 9 {
            assert_eq!(server.get("/livez").status, 200, "after {} slow clients", at + 1);
        }
    }
    let metrics = server.get("/metrics");
    let open = metrics.body.lines().find_map(|line| line.strip_prefix("orgsearch_connections ")).unwrap();
    assert!((1..=8).contains(&open.parse::<u32>().unwrap()), "{open} connections");
    // Those that came first made way.
    assert_eq!(rest(&mut slow[0]), "");
}

#[test]
fn where_all_connections_are_worked_for_the_next_client_is_told_to_come_back() {
    let server = TestServer::empty(patient(2));
    let csv = ORGS.as_bytes();
    // Whoever sends a file is worked for, however long it takes.
    let mut uploads = [(); 2].map(|()| server.begin_upload_without_waiting(csv.len(), &csv[..10]));
    let received = server.data_dir().join("uploads");
    while std::fs::read_dir(&received).map_or(0, Iterator::count) < uploads.len() {
        std::thread::yield_now();
    }
    for request in [LIVEZ, b""] {
        let mut refused = connect(server.address());
        refused.write_all(request).unwrap();
        let answered = rest(&mut refused);
        assert!(answered.starts_with("HTTP/1.1 503 "), "{answered}");
        let (head, body) = answered.split_once("\r\n\r\n").unwrap();
        for line in ["Retry-After: 1", "Connection: close", &format!("Content-Length: {}", body.len())] {
            assert!(head.lines().any(|header| header == line), "{line}: {head}");
        }
        assert!(body.contains("\"code\":\"overloaded\""), "{body}");
    }
    uploads[0].write_all(&csv[10..]).unwrap();
    assert!(rest(&mut uploads[0]).starts_with("HTTP/1.1 202"));
    assert_eq!(server.get("/livez").status, 200);
}

#[test]
fn slow_clients_do_not_hold_up_the_end() {
    let bind = BindSettings { drain_notice: Duration::ZERO, ..BindSettings::default() };
    let mut server = TestServer::in_memory_with(ORGS, ServeSettings { bind, ..patient(100) });
    let mut slow: Vec<TcpStream> = (0..20).map(|_| connect(server.address())).collect();
    for stream in &mut slow[..10] {
        stream.write_all(b"GET /livez HT").unwrap();
    }
    let mut served = connect(server.address());
    served.write_all(LIVEZ).unwrap();
    assert!(answer(&mut served).is_some());
    server.ask_to_stop();
    server.join();
    assert!(slow.iter_mut().all(|stream| rest(stream).is_empty()));
}

/// The bytes of a golden file: text with `\r`, `\n`, `\0`, `\\` and `\xNN`.
fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let (byte, length) = match escape.as_bytes()[0] {
            b'r' => (b'\r', 1),
            b'n' => (b'\n', 1),
            b'0' => (0, 1),
            b'\\' => (b'\\', 1),
            b'x' => (u8::from_str_radix(&escape[1..3], 16).unwrap(), 3),
            _ => panic!("no escape: {text}"),
        };
        bytes.push(byte);
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// The status of an answer; "closed" for none.
fn status(answered: &str) -> &str {
    if answered.is_empty() { "closed" } else { answered.split(' ').nth(1).unwrap_or_default() }
}

#[test]
fn requests_out_of_the_ordinary_are_answered() {
    let server = TestServer::in_memory(ORGS);
    let edges = include_str!("golden/http/edges.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    let mut wrong = Vec::new();
    for line in edges {
        let [name, bytes, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let mut stream = connect(server.address());
        stream.write_all(&unescaped(bytes)).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let answered = rest(&mut stream);
        if status(&answered) != expected || answered.contains("HTTP/1.1 5") {
            wrong.push(format!("{name}: {expected} expected, not {answered}"));
        }
        assert_eq!(server.get("/livez").status, 200, "after {name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn heads_have_an_end() {
    let server = TestServer::in_memory(ORGS);
    let many = "x: y\r\n".repeat(200);
    let long = format!("x: {}\r\n", "y".repeat(1 << 20));
    let address = format!("/v1/search?q={}", "a".repeat(1 << 20));
    for (name, request) in [
        ("many headers", format!("GET /livez HTTP/1.1\r\nhost: a\r\n{many}\r\n")),
        ("a long header", format!("GET /livez HTTP/1.1\r\nhost: a\r\n{long}\r\n")),
        ("a long address", format!("GET {address} HTTP/1.1\r\nhost: a\r\n\r\n")),
    ] {
        let mut stream = connect(server.address());
        // The server may close before all is sent.
        let _ = stream.write_all(request.as_bytes());
        let answered = rest(&mut stream);
        assert!(answered.is_empty() || answered.starts_with("HTTP/1.1 4"), "{name}: {answered}");
    }
    assert_eq!(server.get("/livez").status, 200);
}

#[test]
fn a_smuggled_request_is_none() {
    // Length and coding at once: the length does not count (RFC 9112, section 6.1), and what follows is not answered
    // as a request of its own.
    let server = TestServer::in_memory(ORGS);
    let mut stream = connect(server.address());
    let smuggled = b"POST /v1/admin/rollback HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\ntransfer-encoding: chunked\r\n\r\n\
        0\r\n\r\nGET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream.write_all(smuggled).unwrap();
    let answered = rest(&mut stream);
    let answers = answered.matches("HTTP/1.1 ").count();
    assert!(answered.starts_with("HTTP/1.1 40") && answers <= 2, "{answered}");
    // Requests one after the other without waiting are all answered, in order.
    let mut stream = connect(server.address());
    stream.write_all(&LIVEZ.repeat(50)).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream).matches("HTTP/1.1 200").count(), 50);
}

/// Tries once; waits for the answer where there is one, so that no connections pile up.
fn is_refused(address: &str) -> bool {
    match TcpStream::connect(address.trim_start_matches("http://")) {
        Ok(mut stream) => {
            let _ = stream.write_all(LIVEZ);
            answer(&mut stream);
            false
        }
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
    }
}

#[test]
fn no_request_is_lost_when_the_server_stops() {
    const RUNS: usize = 20;
    const CLIENTS: usize = 16;
    let mut answered_in_all = 0;
    for run in 0..RUNS {
        let bind = BindSettings { drain_notice: Duration::from_millis(30), ..BindSettings::default() };
        let mut server = TestServer::in_memory_with(ORGS, ServeSettings { bind, ..ServeSettings::default() });
        let address = server.address().to_owned();
        // All clients have their connection before the server is asked to stop.
        let ready = Arc::new(Barrier::new(2 * CLIENTS + 1));
        let refused = Arc::new(Barrier::new(CLIENTS + 1));
        let busy = (0..CLIENTS).map(|_| {
            let (ready, address) = (Arc::clone(&ready), address.clone());
            std::thread::spawn(move || {
                let mut stream = connect(&address);
                ready.wait();
                let mut answers = 0;
                loop {
                    stream
                        .write_all(b"GET /v1/search?q=%E5%8C%97%E4%BA%AC HTTP/1.1\r\nhost: a\r\n\r\n")
                        .unwrap();
                    let head = answer(&mut stream).expect("a request was lost");
                    answers += 1;
                    if head.contains("connection: close") {
                        return answers;
                    }
                }
            })
        });
        // Others are silent all the time, and ask once more when nobody else gets in.
        let silent = (0..CLIENTS).map(|_| {
            let (ready, refused, address) = (Arc::clone(&ready), Arc::clone(&refused), address.clone());
            std::thread::spawn(move || {
                let mut stream = connect(&address);
                stream.write_all(LIVEZ).unwrap();
                answer(&mut stream).unwrap();
                ready.wait();
                refused.wait();
                stream.write_all(LIVEZ).unwrap();
                answer(&mut stream).expect("a request was lost after the notice");
                1
            })
        });
        let clients: Vec<_> = busy.chain(silent).collect();
        ready.wait();
        server.ask_to_stop();
        while !is_refused(&address) {}
        refused.wait();
        for client in clients {
            answered_in_all += client.join().unwrap_or_else(|_| panic!("run {run}"));
        }
        server.join();
    }
    println!("{answered_in_all} requests in {RUNS} runs, none lost");
}

#[test]
fn admin_routes_on_an_address_of_their_own() {
    let bind = BindSettings { admin_listen: Some("127.0.0.1:0".to_owned()), ..BindSettings::default() };
    let server = TestServer::in_memory_with(ORGS, ServeSettings { bind, ..ServeSettings::default() });
    let admin: SocketAddr = server.admin_address().unwrap();
    let at = |address: &str, path: &str| {
        let mut stream = connect(address);
        let key = format!("authorization: Bearer {ADMIN_KEY}\r\n");
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n{key}connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        rest(&mut stream)[9..12].parse::<u16>().unwrap()
    };
    let admin = admin.to_string();
    for (path, public, private) in [
        ("/v1/admin/jobs", 404, 200),
        ("/v1/admin/generations", 404, 200),
        ("/metrics", 404, 200),
        ("/livez", 200, 200),
        ("/readyz", 200, 200),
        ("/v1/search?q=a", 200, 404),
        ("/openapi.json", 200, 404),
    ] {
        assert_eq!((at(server.address(), path), at(&admin, path)), (public, private), "{path}");
    }
}

#[test]
fn without_a_key_no_method_tells_the_admin_routes() {
    let server = TestServer::without_admin_key(ORGS);
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        for path in ["/v1/admin/reindex", "/v1/admin/jobs", "/v1/admin/rollback", "/v1/admin/nothing"] {
            let body: Option<&[u8]> = matches!(method, "POST" | "PUT" | "PATCH").then_some(b"");
            let answer = server.send(method, path, &[], body);
            assert_eq!((answer.status, answer.header("allow").as_str()), (404, ""), "{method} {path}");
        }
    }
}

#[test]
fn whoever_guesses_keys_has_to_wait() {
    let server = TestServer::in_memory(ORGS);
    let with = |key: &str| server.send("GET", "/v1/admin/jobs", &[("authorization", key)], None);
    // A request without a key is no guess.
    (0..20).for_each(|_| assert_eq!(server.get("/v1/admin/jobs").status, 401));
    (0..10).for_each(|at| assert_eq!(with(&format!("Bearer guess {at}")).status, 401));
    let refused = with("Bearer guess 10");
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("rate_limited")));
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    // The right key could be the eleventh guess.
    assert_eq!(server.admin_get("/v1/admin/jobs").status, 429);
    assert_eq!(server.get("/v1/search?q=a").status, 200);
}

#[test]
fn a_preflight_is_answered() {
    let origin = AllowedOrigin::parse("https://form.example.cn").unwrap();
    let web = WebSettings { allow_origins: vec![origin], ..WebSettings::default() };
    let server = TestServer::in_memory_with(ORGS, ServeSettings { web, ..ServeSettings::default() });
    let preflight = |path: &str, origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "content-type,x-request-id"),
        ];
        server.send("OPTIONS", path, &headers, None)
    };
    for path in ["/v1/autocomplete?q=a", "/v1/search?q=a", "/v1/orgs/1", "/v1/orgs/1/transfer-guide"] {
        let answer = preflight(path, "https://form.example.cn");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "https://form.example.cn");
        assert!(answer.header("access-control-allow-headers").contains("x-request-id"));
        assert!(answer.header("access-control-allow-methods").contains("GET"));
        assert_eq!(preflight(path, "https://evil.example.cn").header("access-control-allow-origin"), "");
    }
    assert_eq!(
        preflight("/v1/admin/jobs", "https://form.example.cn").header("access-control-allow-origin"),
        ""
    );
}
