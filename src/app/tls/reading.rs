//! What is looked at in a certificate beside its key: from when to when it is good, and whether those of a file stand in
//! their order (RFC 5280, sections 4.1.2.4 to 4.1.2.6). Whether it is any good otherwise is its readers' matter. One that
//! can't be read is let pass: the TLS library has taken it.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use x509_cert::{Certificate, der::Decode, name::Name, time::Time};

/// From when to when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) begins: Timestamp,
    pub(super) ends: Timestamp,
}

/// Of a certificate in DER; none if it can't be read.
pub(super) fn validity(certificate: &[u8]) -> Option<Validity> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let validity = certificate.tbs_certificate.validity;
    Some(Validity { begins: timestamp(&validity.not_before)?, ends: timestamp(&validity.not_after)? })
}

/// Which version of X.509 it is, from 1; none if it can't be read.
pub(super) fn version(certificate: &[u8]) -> Option<u8> {
    let certificate = Certificate::from_der(certificate).ok()?;
    // Written as one less (RFC 5280, section 4.1.2.1).
    Some(certificate.tbs_certificate.version as u8 + 1)
}

fn timestamp(time: &Time) -> Option<Timestamp> {
    let seconds = time.to_unix_duration().as_secs();
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

/// What to say of a chain in which a certificate isn't the issuer of the one before it. Callers should do with any order, and
/// with what they need not (RFC 8446, section 4.4.2); some don't.
pub(super) fn disorder(chain: &[CertificateDer<'_>]) -> Option<String> {
    let names: Option<Vec<_>> = chain.iter().map(|certificate| names(certificate)).collect();
    let before = names?.windows(2).position(|pair| pair[0].issuer != pair[1].subject)?;
    Some(format!(
        "certificate {} did not sign the one before it, which some callers refuse: put after each the one that signed it, \
         and leave out what signed none",
        before + 2
    ))
}

struct Names {
    issuer: String,
    subject: String,
}

fn names(certificate: &[u8]) -> Option<Names> {
    let certificate = Certificate::from_der(certificate).ok()?.tbs_certificate;
    Some(Names { issuer: compared(&certificate.issuer), subject: compared(&certificate.subject) })
}

/// A name as it is compared: however it is encoded, whatever its case and its spaces (RFC 5280, section 7.1).
fn compared(name: &Name) -> String {
    let text = name.to_string().to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn ending(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(["deskbridge.example".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(1975, 1, 1), date_time_ymd(year, 2, 28));
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_in_either_way_of_writing_a_year() {
        for (year, end) in [
            (1999, "1999-02-28T00:00:00Z"),
            (2027, "2027-02-28T00:00:00Z"),
            (2049, "2049-02-28T00:00:00Z"),
            (2050, "2050-02-28T00:00:00Z"),
            (9999, "9999-02-28T00:00:00Z"),
        ] {
            let validity = validity(&ending(year)).unwrap();
            assert_eq!(validity.ends.to_string(), end);
            assert_eq!(validity.begins.to_string(), "1975-01-01T00:00:00Z");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let whole = ending(2027);
        for bytes in [&[][..], &[0x30], &[0x30, 0xFF, 1, 2], &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0]] {
            assert!(validity(bytes).is_none(), "{bytes:?}");
        }
        for end in 0..whole.len() {
            assert!(validity(&whole[..end]).is_none(), "cut at {end}");
        }
    }
}
