//! A calendar day, for the `until` of an ignore. What day it is comes from the caller: nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is one.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let length = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=length).contains(&day).then_some(Self { year, month, day })
    }

    /// The day of a point in time given as seconds since 1970-01-01, in UTC; the last representable day if it is too far off.
    pub fn from_unix(seconds: u64) -> Self {
        let mut days = seconds / 86_400;
        let mut year: u16 = 1970;
        loop {
            let length = if Self::new(year, 2, 29).is_some() { 366 } else { 365 };
            if days < length {
                break;
            }
            days -= length;
            match year.checked_add(1) {
                Some(next) => year = next,
                None => return Self { year: u16::MAX, month: 12, day: 31 },
            }
        }
        let mut month = 1;
        loop {
            let length = (28..=31).rev().find(|day| Self::new(year, month, *day).is_some()).map_or(28, u64::from);
            if days < length {
                break;
            }
            days -= length;
            month += 1;
        }
        Self { year, month, day: u8::try_from(days + 1).unwrap_or(1) }
    }
}

/// Text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date; write it as 2027-06-30")]
pub struct NoDate(String);

impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let parse = || {
            let mut parts = text.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
            if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
                return None;
            }
            Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        };
        parse().ok_or_else(|| NoDate(text.to_owned()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_printed_alike() {
        for text in ["2027-06-30", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "2027-06-31",
            "2023-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-6-3",
            "30-06-2027",
            "2027-06-30T00",
            "+027-06-30",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_compare_in_time() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(day("2026-12-31") < day("2027-01-01"));
        assert!(day("2027-09-30") < day("2027-10-01"));
    }

    #[test]
    fn seconds_become_days_in_utc() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_798_761_599, "2026-12-31"),
        ] {
            assert_eq!(Date::from_unix(seconds).to_string(), day, "{seconds}");
        }
        assert_eq!(Date::from_unix(u64::MAX).to_string(), "65535-12-31");
    }
}
