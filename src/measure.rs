//! Exact numbers: every value on which the program computes is a rational.
//! In: integers, decimal texts and the numbers of cells. Out: sums, shares, comparisons without error.
//! It must never know units, rounding or where a value came from.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::gcd;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};

/// An exact rational number without a unit.
///
/// Counts and shares of counts are most of what a municipality has: integers and fractions of machine words are kept as
/// such.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Measure(Exact);

/// A number in its only form: what fits a smaller form never has a bigger one, so equal numbers are equal values.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Exact {
    Whole(i64),
    /// In lowest terms; the denominator is more than one.
    Fraction(i64, i64),
    Other(Box<BigRational>),
}

impl Measure {
    /// Brings a rational into its only form.
    fn new(value: BigRational) -> Self {
        match (value.numer().to_i64(), value.denom().to_i64()) {
            (Some(whole), Some(1)) => Self(Exact::Whole(whole)),
            (Some(numerator), Some(denominator)) => Self(Exact::Fraction(numerator, denominator)),
            _ => Self(Exact::Other(Box::new(value))),
        }
    }

    /// Brings a fraction into its only form; the denominator must be more than zero.
    fn reduced(numerator: i128, denominator: i128) -> Self {
        let divisor = match (u64::try_from(numerator.unsigned_abs()), u64::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) => i128::from(gcd(numerator, denominator)),
            _ => gcd(numerator, denominator),
        };
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        match (i64::try_from(numerator), i64::try_from(denominator)) {
            (Ok(whole), Ok(1)) => Self(Exact::Whole(whole)),
            (Ok(numerator), Ok(denominator)) => Self(Exact::Fraction(numerator, denominator)),
            _ => Self::new(BigRational::new_raw(BigInt::from(numerator), BigInt::from(denominator))),
        }
    }

    /// Numerator and denominator, where both are machine words: products of two such never overflow 128 bits, nor do
    /// sums of two products.
    fn small(&self) -> Option<(i128, i128)> {
        match &self.0 {
            Exact::Whole(whole) => Some((i128::from(*whole), 1)),
            Exact::Fraction(numerator, denominator) => Some((i128::from(*numerator), i128::from(*denominator))),
            Exact::Other(_) => None,
        }
    }

    fn both_small(&self, other: &Self) -> Option<((i128, i128), (i128, i128))> {
        self.small().zip(other.small())
    }

    fn rational(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Exact::Whole(whole) => Cow::Owned(BigRational::from_integer(BigInt::from(*whole))),
            Exact::Fraction(numerator, denominator) => {
                Cow::Owned(BigRational::new_raw(BigInt::from(*numerator), BigInt::from(*denominator)))
            }
            Exact::Other(value) => Cow::Borrowed(value),
        }
    }

    /// Returns the quotient of two integers; `None` when the denominator is zero.
    pub fn ratio(numerator: i64, denominator: i64) -> Option<Self> {
        let sign = i128::from(denominator.signum());
        (sign != 0).then(|| Self::reduced(sign * i128::from(numerator), sign * i128::from(denominator)))
    }

    /// Reads a decimal with a point, an optional sign and no blanks ("-29.5"); `None` for anything else.
    pub fn parse_decimal(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) || digits.len() > 400 {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let power = u32::try_from(fraction.len()).ok()?;
        if let (Ok(units), Some(scale)) = (digits.parse::<i64>(), 10_i64.checked_pow(power)) {
            return Self::ratio(if negative { -units } else { units }, scale);
        }
        let units = BigInt::from_str(&digits).ok()?;
        let scale = BigInt::from(10).pow(power);
        let value = BigRational::new(units, scale);
        Some(Self::new(if negative { -value } else { value }))
    }

    /// Takes the number of a cell: the shortest decimal that a reader of the sheet would see.
    ///
    /// A cell holds a binary float; 29.5 or 0.1 was typed, so the shortest decimal that gives the
    /// same float is the value meant. `None` for infinities and NaN.
    pub fn from_cell(number: f64) -> Option<Self> {
        /// Whole floats up to here are integers, every one of them.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.trunc() == number && number.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
            return Some(Self(Exact::Whole(number as i64)));
        }
        number.is_finite().then(|| Self::parse_decimal(&format!("{number}"))).flatten()
    }

    /// Divides; `None` when the divisor is zero.
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        Some(match self.both_small(divisor) {
            Some(((a, b), (c, d))) => Self::reduced(a * d * c.signum(), b * c.abs()),
            None => Self::new(self.rational().as_ref() / divisor.rational().as_ref()),
        })
    }

    /// Returns 100 · self / whole; `None` when the whole is zero.
    pub fn percent_of(&self, whole: &Self) -> Option<Self> {
        (self * &Self::from(100_i64)).checked_div(whole)
    }

    /// Returns the square root rounded up to so many digits after the comma; zero for a negative number.
    pub fn root_above(&self, digits: u8) -> Self {
        let scale = BigInt::from(10).pow(u32::from(digits));
        let square = self.rational().as_ref() * BigRational::from_integer(&scale * &scale);
        if square.is_negative() {
            return Self::default();
        }
        let whole = square.ceil().to_integer();
        let root = whole.sqrt();
        let root = if &root * &root == whole { root } else { root + 1 };
        Self::new(BigRational::new(root, scale))
    }

    /// Tells whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == Exact::Whole(0)
    }

    /// Tells whether the number is below zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Exact::Whole(whole) | Exact::Fraction(whole, _) => *whole < 0,
            Exact::Other(value) => value.is_negative(),
        }
    }

    /// Returns the integer, when the number is one and fits.
    pub fn to_integer(&self) -> Option<i64> {
        match &self.0 {
            Exact::Whole(whole) => Some(*whole),
            Exact::Fraction(..) | Exact::Other(_) => None,
        }
    }

    /// Returns how many digits after the point the number needs, at most `most`.
    pub fn decimals(&self, most: u8) -> u8 {
        (0..most).find(|digits| self.scaled(*digits).1.is_zero()).unwrap_or(most)
    }

    /// Returns the number scaled by ten to the power of `digits`, as a whole part and a remainder:
    /// the material of every rounding. Both are of the absolute value.
    pub(crate) fn scaled(&self, digits: u8) -> (BigInt, BigRational) {
        let scale = BigRational::from_integer(BigInt::from(10).pow(u32::from(digits)));
        let scaled = self.rational().abs() * scale;
        let whole = scaled.floor();
        (whole.to_integer(), scaled - whole)
    }

    /// Returns the nearest binary float, for the geometry of charts and the cells of a workbook.
    pub fn to_float(&self) -> f64 {
        self.rational().to_f64().unwrap_or(0.0)
    }

    /// Returns the rational one half.
    pub(crate) fn half() -> BigRational {
        BigRational::new(BigInt::one(), BigInt::from(2))
    }
}

impl Default for Measure {
    fn default() -> Self {
        Self(Exact::Whole(0))
    }
}

impl Ord for Measure {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Exact::Whole(one), Exact::Whole(two)) => one.cmp(two),
            _ => match self.both_small(other) {
                Some(((a, b), (c, d))) => (a * d).cmp(&(c * b)),
                None => self.rational().as_ref().cmp(other.rational().as_ref()),
            },
        }
    }
}

impl PartialOrd for Measure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Measure {
    fn from(value: i64) -> Self {
        Self(Exact::Whole(value))
    }
}

impl From<usize> for Measure {
    fn from(value: usize) -> Self {
        match i64::try_from(value) {
            Ok(whole) => Self(Exact::Whole(whole)),
            Err(_) => Self::new(BigRational::from_integer(BigInt::from(value))),
        }
    }
}

impl From<Measure> for String {
    fn from(value: Measure) -> Self {
        value.to_string()
    }
}

impl TryFrom<String> for Measure {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        BigRational::from_str(&text).map(Self::new).map_err(|error| error.to_string())
    }
}

/// Prints a fraction in lowest terms, "5/17"; for machines only. People read a `Figure`.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Exact::Whole(whole) => fmt::Display::fmt(whole, f),
            Exact::Fraction(numerator, denominator) => write!(f, "{numerator}/{denominator}"),
            Exact::Other(value) => fmt::Display::fmt(value, f),
        }
    }
}

impl Add for &Measure {
    type Output = Measure;

    fn add(self, other: Self) -> Measure {
        if let (Exact::Whole(one), Exact::Whole(two)) = (&self.0, &other.0)
            && let Some(whole) = one.checked_add(*two)
        {
            return Measure(Exact::Whole(whole));
        }
        match self.both_small(other) {
            Some(((a, b), (c, d))) => Measure::reduced(a * d + c * b, b * d),
            None => Measure::new(self.rational().as_ref() + other.rational().as_ref()),
        }
    }
}

impl Sub for &Measure {
    type Output = Measure;

    fn sub(self, other: Self) -> Measure {
        if let (Exact::Whole(one), Exact::Whole(two)) = (&self.0, &other.0)
            && let Some(whole) = one.checked_sub(*two)
        {
            return Measure(Exact::Whole(whole));
        }
        match self.both_small(other) {
            Some(((a, b), (c, d))) => Measure::reduced(a * d - c * b, b * d),
            None => Measure::new(self.rational().as_ref() - other.rational().as_ref()),
        }
    }
}

impl Mul for &Measure {
    type Output = Measure;

    fn mul(self, other: Self) -> Measure {
        if let (Exact::Whole(one), Exact::Whole(two)) = (&self.0, &other.0)
            && let Some(whole) = one.checked_mul(*two)
        {
            return Measure(Exact::Whole(whole));
        }
        match self.both_small(other) {
            Some(((a, b), (c, d))) => Measure::reduced(a * c, b * d),
            None => Measure::new(self.rational().as_ref() * other.rational().as_ref()),
        }
    }
}

impl std::iter::Sum for Measure {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::default(), |total, value| &total + &value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_means_the_decimal_that_was_typed() {
        assert_eq!(Measure::from_cell(29.5), Measure::ratio(59, 2));
        assert_eq!(Measure::from_cell(0.1), Measure::ratio(1, 10));
        assert_eq!(Measure::from_cell(1e21), Measure::parse_decimal("1000000000000000000000"));
        assert_eq!(Measure::from_cell(f64::NAN), None);
    }

    #[test]
    fn numbers_beyond_a_machine_word_stay_exact_and_come_back() {
        let large = Measure::from(i64::MAX);
        let sum = &large + &large;
        assert_eq!(sum.to_string(), "18446744073709551614");
        assert_eq!(&sum - &large, large, "a number has one form only");
        assert_eq!((&large * &large).checked_div(&large), Some(large.clone()));
        assert!(sum > large && Measure::ratio(-1, 2) < Some(Measure::default()));
        assert_eq!(Measure::from_cell(-0.0), Some(Measure::default()));
        assert_eq!(Measure::ratio(34, 2), Some(Measure::from(17_i64)));
    }

    #[test]
    fn small_forms_reckon_as_the_big_one_does() {
        let edge = [0, 1, -1, 2, 3, -7, 10, 97, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1];
        let fractions = || edge.iter().flat_map(|a| edge.iter().filter_map(|b| Measure::ratio(*a, *b)));
        for one in fractions() {
            for two in fractions() {
                let (big, other) = (one.rational().into_owned(), two.rational().into_owned());
                assert_eq!(&one + &two, Measure::new(&big + &other), "{one} + {two}");
                assert_eq!(&one - &two, Measure::new(&big - &other), "{one} - {two}");
                assert_eq!(&one * &two, Measure::new(&big * &other), "{one} * {two}");
                assert_eq!(one.cmp(&two), big.cmp(&other), "{one} ? {two}");
                if !two.is_zero() {
                    assert_eq!(one.checked_div(&two), Some(Measure::new(&big / &other)), "{one} / {two}");
                }
                assert_eq!(one.to_string(), big.to_string());
            }
        }
    }

    #[test]
    fn a_decimal_is_digits_and_one_point() {
        for bad in ["", "-", "1.", ".5", "1,5", "1 0", "0x1", "1e3", "--1"] {
            assert_eq!(Measure::parse_decimal(bad), None, "{bad}");
        }
        assert_eq!(Measure::parse_decimal("-29.50"), Measure::ratio(-59, 2));
    }

    #[test]
    fn a_share_of_nothing_is_not_a_number() {
        assert_eq!(Measure::from(0_i64).percent_of(&Measure::from(0_i64)), None);
        assert_eq!(Measure::from(5_i64).percent_of(&Measure::from(17_i64)), Measure::ratio(500, 17));
    }
}
