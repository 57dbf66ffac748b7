use http::HeaderMap;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

/// Returns the status of a failed call from headers or trailers. Removes details that are
/// not base64, because tonic panics when it reads them, also those of a success.
pub(crate) fn failure(headers: &mut HeaderMap) -> Option<Status> {
    let name = Status::GRPC_STATUS_DETAILS;
    if headers.contains_key(&name) {
        let metadata = MetadataMap::from_headers(headers.clone());
        let details = metadata.get_bin(name.as_str());
        if details.is_none_or(|details| details.to_bytes().is_err()) {
            headers.remove(name);
        }
    }
    Status::from_header_map(headers).filter(|status| status.code() != Code::Ok)
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "that is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn details_that_are_not_base64_are_removed() {
        for (code, details, want) in [
            ("5", "%", (Some(Code::NotFound), 1)),
            ("5", "CAU", (Some(Code::NotFound), 2)),
            ("0", "A", (None, 1)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(Status::GRPC_STATUS, code.parse().expect("is ASCII"));
            let details = details.parse().expect("is ASCII");
            headers.insert(Status::GRPC_STATUS_DETAILS, details);
            let status = failure(&mut headers);
            assert_eq!((status.map(|status| status.code()), headers.len()), want);
        }
    }
}
