//! A packed file as the body of an answer: unpacked piece by piece on a blocking thread, whatever its size.

use axum::body::{Body, Bytes, HttpBody};
use flate2::read::GzDecoder;
use hyper::body::Frame;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Bytes of a piece.
const PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait for the client; the disk is not read further ahead.
const PIECES_AHEAD: usize = 4;

/// Opens the file, and gives what it unpacks to. A client that leaves ends the reading.
///
/// # Errors
/// If it cannot be opened. A file that breaks off later breaks off the answer.
pub(super) async fn difference_body(path: PathBuf) -> io::Result<Body> {
    let file = tokio::task::spawn_blocking(move || File::open(path)).await.map_err(io::Error::other)??;
    let (send, receive) = mpsc::channel(PIECES_AHEAD);
    tokio::task::spawn_blocking(move || unpack(GzDecoder::new(BufReader::new(file)), &send));
    Ok(Body::new(Pieces(receive)))
}

fn unpack(mut packed: impl Read, send: &mpsc::Sender<io::Result<Bytes>>) {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = packed.read(&mut piece);
        let is_end = !matches!(read, Ok(1..));
        let next = match read {
            Ok(0) => return,
            Ok(bytes) => Ok(Bytes::copy_from_slice(&piece[..bytes])),
            Err(error) => Err(error),
        };
        if send.blocking_send(next).is_err() || is_end {
            return;
        }
    }
}

/// Pieces as they come.
struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
