//! A server that is measured: started, asked over kept connections, told what an admin tells it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The admin key.
pub(crate) const KEY: &str = "bench";
/// How long is waited for an answer, and for a server to start or to stop.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a program to its end.
///
/// # Errors
/// Also if it fails.
pub(crate) fn run_to_end(program: &Path, args: &[&OsStr]) -> io::Result<()> {
    let status = Command::new(program).args(args).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{args:?}: {status}"))) }
}

/// Starts `orgsearch serve` over a data directory.
///
/// # Errors
/// If the program cannot be started.
pub(crate) fn start(program: &Path, data: &Path, address: SocketAddr) -> io::Result<Child> {
    Command::new(program)
        .args(["serve", "--listen", &address.to_string(), "--log", "error", "--data"])
        .arg(data)
        .env("ORGSEARCH_ADMIN_KEY", KEY)
        .stdout(Stdio::null())
        .spawn()
}

/// An address that was free a moment ago.
///
/// # Errors
/// If there is none.
pub(crate) fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// # Errors
/// If the server is not ready in time.
pub(crate) fn wait_until_ready(address: SocketAddr) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    while Connection::open(address).and_then(|mut to| to.get("/readyz")).ok() != Some(200) {
        if Instant::now() > until {
            return Err(io::Error::other("the server does not become ready"));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// One kept-alive connection. Each method fails if the connection does, or the answer is none of HTTP.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream: BufReader::new(stream) })
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<u16> {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").as_bytes()).map(|(status, _)| status)
    }

    pub(crate) fn admin(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> io::Result<(u16, String)> {
        let len = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {KEY}\r\ncontent-type: {kind}\r\ncontent-length: {len}\r\n\r\n"
        );
        self.send(&[head.as_bytes(), body].concat())
    }

    /// Sends a request and reads its answer to the end.
    pub(crate) fn send(&mut self, request: &[u8]) -> io::Result<(u16, String)> {
        self.stream.get_mut().write_all(request)?;
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status in {line:?}")))?;
        let (mut length, mut chunked) = (0, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            match header.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
                Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
                Some(_) => {}
                None => break,
            }
        }
        let body = if chunked { self.chunks()? } else { self.exactly(length)? };
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            body.extend(self.exactly(length)?);
            self.exactly(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}
