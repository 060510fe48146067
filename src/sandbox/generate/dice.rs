//! Chance that is the same every time: numbers that depend on a seed and on what they are thrown for.

/// SplitMix64: two lines, a full period and well mixed from any start, which is all that names and faults need.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

/// The odd constant of SplitMix64, 2⁶⁴ divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Dice {
    /// The throws for one thing, named by a kind and a number.
    pub(crate) fn thrown(seed: u64, kind: u64, index: u64) -> Self {
        let mut dice = Self(seed);
        for part in [kind, index] {
            dice.0 = dice.next() ^ part.wrapping_mul(STEP);
        }
        dice
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `bound` - 1; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// From 0 up to, not including, 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.next() >> 1).unwrap_or(usize::MAX).checked_rem(texts.len());
        index.and_then(|index| texts.get(index)).copied().unwrap_or_default()
    }
}
