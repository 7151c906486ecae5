//! Why no connection with TLS came about, in words for people.

use std::io::ErrorKind;

/// What is wrong with the certificate of a server, or with the files for TLS; none if it is something else. `authority` is the
/// parameter of an address that names the file with the certificates to trust, `check` the one that says what is checked.
pub(crate) fn refused(
    error: &sqlx::Error,
    host: &str,
    authority: &str,
    check: &str,
) -> Option<String> {
    let (text, missing) = match error {
        sqlx::Error::Io(error) => (error.to_string(), error.kind() == ErrorKind::NotFound),
        sqlx::Error::Tls(error) => (error.to_string(), false),
        _ => return None,
    };
    let has = |parts: [&str; 2]| parts.iter().any(|part| text.contains(part));
    Some(if missing {
        format!("a file that the address names is not there ({text}): look at `{authority}`")
    } else if has(["UnknownIssuer", "unknown issuer"]) {
        format!(
            "nobody who is trusted has signed the certificate of `{host}`: name the file with the certificate of its authority, \
             in PEM, with `{authority}=FILE`"
        )
    } else if has(["not valid for name", "NotValidForName"]) {
        format!(
            "the certificate of `{host}` is for another name ({text}): write the name that it is for as the host of the address, or \
             have the certificate made for `{host}` too"
        )
    } else if has(["expired", "Expired"]) {
        format!("the certificate of `{host}` has expired ({text}): the server needs a new one")
    } else if has(["does not support TLS", "SSL"]) {
        format!(
            "the server does not speak TLS, and the address asks for it with `{check}`: turn TLS on there, or ask for less"
        )
    } else if has(["invalid peer certificate", "certificate"])
        || matches!(error, sqlx::Error::Tls(_))
    {
        format!(
            "TLS with `{host}` fails: {text}. `{check}` and `{authority}` in the address say what is checked"
        )
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_says_what_to_do() {
        let io = |kind, text: &str| sqlx::Error::Io(std::io::Error::new(kind, text));
        let bad = |text: &str| {
            io(
                ErrorKind::InvalidData,
                &format!("invalid peer certificate: {text}"),
            )
        };
        for (error, part) in [
            (bad("UnknownIssuer"), "with `ssl-ca=FILE`"),
            (
                bad("certificate not valid for name \"127.0.0.1\"; only for DnsName(\"db\")"),
                "write the name that it is for",
            ),
            (
                bad("certificate expired: verification time .."),
                "needs a new one",
            ),
            (bad("BadEncoding"), "BadEncoding. `ssl-mode` and `ssl-ca`"),
            (io(ErrorKind::NotFound, "no such file"), "look at `ssl-ca`"),
            (
                sqlx::Error::Tls("server does not support TLS".into()),
                "turn TLS on there",
            ),
        ] {
            let said = refused(&error, "db", "ssl-ca", "ssl-mode").unwrap();
            assert!(said.contains(part), "{said}");
        }
        let other = io(ErrorKind::ConnectionRefused, "connection refused");
        assert_eq!(refused(&other, "db", "ssl-ca", "ssl-mode"), None);
    }
}
