//! Origins whose pages may read what a browser fetches for them.

use serde::Deserialize;
use url::Url;

/// An origin as a browser sends it (`https://wall.example`), or `*` for every one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(String);

impl Origin {
    /// As it is sent and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    /// Browsers send the shortest form and servers compare texts: any other form would never match.
    fn try_from(text: String) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(text));
        }
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match url.map(|url| url.origin().ascii_serialization()) {
            Some(origin) if origin == text => Ok(Self(text)),
            Some(origin) => Err(format!("an origin has no path and is in its shortest form: write {origin}")),
            None => Err("an origin is written like https://wall.example, or * for every one".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        Origin::try_from(text.to_owned()).map(|origin| origin.0)
    }

    #[test]
    fn an_origin_is_taken_only_as_browsers_send_it() {
        for good in ["*", "https://wall.example", "http://127.0.0.1:3000", "https://xn--fiq228c.example"] {
            assert_eq!(read(good), Ok(good.to_owned()));
        }
        for (bad, instead) in [
            ("https://wall.example/", "write https://wall.example"),
            ("https://wall.example/board", "write https://wall.example"),
            ("https://Wall.example:443", "write https://wall.example"),
            ("https://中文.example", "write https://xn--fiq228c.example"),
            ("https://ops:secret@wall.example", "write https://wall.example"),
            ("wall.example", "is written like"),
            ("null", "is written like"),
            ("", "is written like"),
        ] {
            assert!(read(bad).unwrap_err().contains(instead), "{bad}");
        }
    }
}
