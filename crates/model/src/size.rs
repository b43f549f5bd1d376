//! Bytes as people read them: SI units, as `docker images` prints them.

use crate::Bytes;

/// `118.6 MB`, `43.2 kB`, `17 B`. SI: 1.0 MB is 1 000 000 bytes.
///
/// ```
/// assert_eq!(depslim_model::human(118_600_000), "118.6 MB");
/// assert_eq!(depslim_model::human(999), "999 B");
/// assert_eq!(depslim_model::human(999_950), "1.0 MB");
/// ```
pub fn human(bytes: Bytes) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut scaled = bytes as f64;
    for unit in ["kB", "MB", "GB", "TB", "PB"] {
        scaled /= 1000.0;
        // 999.95 would print as 1000.0: it belongs to the next unit.
        if scaled < 999.95 {
            return format!("{scaled:.1} {unit}");
        }
    }
    format!("{:.1} EB", scaled / 1000.0)
}

/// Reads `25 MB`, `1.5GB`, `300 kB`, `12 B` or a bare number of bytes. `None` when it is not a size.
pub fn parse(text: &str) -> Option<Bytes> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number: f64 = text[..split].replace('_', "").parse().ok()?;
    let factor = match text[split..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = number * factor;
    #[expect(clippy::cast_sign_loss, reason = "the sign is checked in the same expression")]
    (bytes.is_finite() && (0.0..1e18).contains(&bytes)).then(|| bytes.round() as Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, expect) in
            [("25 MB", 25_000_000), ("1.5GB", 1_500_000_000), ("300kB", 300_000), ("12", 12), ("1 MiB", 1_048_576)]
        {
            assert_eq!(parse(text), Some(expect), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "MB", "-1 MB", "1 parsec", "1e99 GB", "."] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
