//! The form that a recording is sent in (`multipart/form-data`).

/// Fields and one file, with a border that none of them holds.
#[derive(Debug)]
pub(super) struct Form {
    border: String,
    body: Vec<u8>,
}

impl Form {
    /// `digest` makes the border: it follows from the file, so the file cannot hold it but by a miracle.
    pub(super) fn new(digest: &str) -> Self {
        Self { border: format!("switchboard-{digest}"), body: Vec::new() }
    }

    /// A plain field.
    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        let head = format!("--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n", self.border);
        self.body.extend(head.into_bytes());
        self.body.extend(value.as_bytes());
        self.body.extend(b"\r\n");
        self
    }

    /// A file, whose name says what it is.
    pub(super) fn file(mut self, name: &str, file_name: &str, content_type: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n",
            self.border
        );
        self.body.extend(head.into_bytes());
        self.body.extend(bytes);
        self.body.extend(b"\r\n");
        self
    }

    /// Content type and body.
    pub(super) fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend(format!("--{}--\r\n", self.border).into_bytes());
        (format!("multipart/form-data; boundary={}", self.border), self.body)
    }
}
