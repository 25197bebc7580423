//! Just enough of HTTP/1.1: requests with a length, answers with a length, one after the other on a connection.

use std::io::{self, ErrorKind};

use tokio::net::TcpStream;

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A request, as it came.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path and query, as they were sent.
    pub(super) target: String,
    pub(super) authorization: String,
    pub(super) body: Vec<u8>,
}

/// One side of a connection, with what was read too early.
#[derive(Debug)]
pub(super) struct Wire<'a> {
    stream: &'a TcpStream,
    read: Vec<u8>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// The next request; nothing where there is none any more, or none that can be read.
    pub(super) async fn request(&mut self) -> Option<Request> {
        let head_length = loop {
            if let Some(place) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break place + 4;
            }
            if self.read.len() > HEAD_LIMIT || self.more().await.ok()? == 0 {
                return None;
            }
        };
        let head: Vec<u8> = self.read.drain(..head_length).collect();
        let head = String::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let mut request = Request { method, target, authorization: String::new(), body: Vec::new() };
        let mut length = 0;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            match name.to_ascii_lowercase().as_str() {
                "authorization" => value.trim().clone_into(&mut request.authorization),
                "content-length" => length = value.trim().parse().ok()?,
                "transfer-encoding" => return None,
                _ => {}
            }
        }
        if length > BODY_LIMIT {
            return None;
        }
        while self.read.len() < length {
            if self.more().await.ok()? == 0 {
                return None;
            }
        }
        request.body = self.read.drain(..length).collect();
        Some(request)
    }

    /// Waits until the client has left.
    pub(super) async fn left(&mut self) {
        while self.more().await.is_ok_and(|bytes| bytes > 0) && self.read.len() < BODY_LIMIT {}
    }

    async fn more(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 4096];
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(&mut bytes) {
                Ok(count) => {
                    self.read.extend(bytes.iter().take(count));
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Undoes percent-encoding.
pub(super) fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes: Vec<u8> = parts.next().unwrap_or_default().bytes().collect();
    for part in parts {
        let code = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        bytes.extend(part.bytes().skip(if code.is_some() { 2 } else { 0 }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
