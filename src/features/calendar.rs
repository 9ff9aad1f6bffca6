//! What the calendar says of a row's moment.

use super::Calendar;
use crate::data::{DAY, civil};

const HOUR: i64 = 3_600_000_000;
const MINUTE: i64 = 60_000_000;
/// The last hour of the night.
const LAST_OF_NIGHT: i64 = 6;

/// A feature of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// 1 on Saturday and Sunday, else 0.
    Weekend,
    /// 1 where the hour is at most 6, else 0.
    Night,
    /// 0 to 23.
    Hour,
    /// Minute of the day, 0 to 1,439.
    MinuteOfDay,
    /// 0 for Monday to 6 for Sunday.
    Weekday,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12.
    Month,
}

impl Flag {
    /// Every flag.
    pub const ALL: [Flag; 7] =
        [Flag::Weekend, Flag::Night, Flag::Hour, Flag::MinuteOfDay, Flag::Weekday, Flag::DayOfMonth, Flag::Month];

    /// The name in studies.
    pub fn name(self) -> &'static str {
        match self {
            Flag::Weekend => "weekend",
            Flag::Night => "night",
            Flag::Hour => "hour",
            Flag::MinuteOfDay => "minute-of-day",
            Flag::Weekday => "weekday",
            Flag::DayOfMonth => "day-of-month",
            Flag::Month => "month",
        }
    }

    /// Of microseconds since 1970, local ones.
    pub(super) fn of(self, micros: i64) -> f64 {
        let day = micros.div_euclid(DAY);
        let hour = micros.rem_euclid(DAY) / HOUR;
        // 1970-01-01 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        let (_, month, of_month) = civil(day);
        match self {
            Flag::Weekend => f64::from(u8::from(weekday >= 5)),
            Flag::Night => f64::from(u8::from(hour <= LAST_OF_NIGHT)),
            Flag::Hour => hour as f64,
            Flag::MinuteOfDay => (micros.rem_euclid(DAY) / MINUTE) as f64,
            Flag::Weekday => weekday as f64,
            Flag::DayOfMonth => of_month as f64,
            Flag::Month => month as f64,
        }
    }
}

impl Calendar {
    pub(super) fn names(&self, time: &str) -> Vec<String> {
        let name = |flag: &Flag| match self.as_handbook {
            true => format!("TX_DURING_{}", flag.name().to_uppercase()),
            false => format!("{time}_{}", flag.name()),
        };
        self.make.iter().map(name).collect()
    }
}
