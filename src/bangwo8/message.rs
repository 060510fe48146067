//! The vendor's error texts, made fit for logs: one line, bounded, without what identifies people or opens
//! doors.

/// As much of a text as is kept.
pub(super) const MAX_CHARS: usize = 300;
/// A run of letters with so many digits is a telephone number, an id of a person or a key.
const IDENTIFYING_DIGITS: usize = 7;
/// A run of letters and digits as long as an MD5 is a key or a signature.
const KEY_LENGTH: usize = 32;

/// The text with everything masked that looks like an e-mail address, a telephone number or a key. The Udesk client
/// does the same; the two know nothing of each other, so that each can stand alone.
pub(super) fn masked(text: &str) -> String {
    let mut kept = String::new();
    let mut run = String::new();
    for letter in text.chars().take(MAX_CHARS) {
        if is_of_a_word(letter) {
            run.push(letter);
            continue;
        }
        push_run(&mut kept, &mut run);
        kept.push(if letter.is_control() { ' ' } else { letter });
    }
    push_run(&mut kept, &mut run);
    kept
}

/// Han letters end a word: nothing separates them from an address beside them.
fn is_of_a_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "@.+-_%".contains(letter)
}

fn push_run(kept: &mut String, run: &mut String) {
    let digits = run.chars().filter(char::is_ascii_digit).count();
    if run.contains('@') || digits >= IDENTIFYING_DIGITS || run.len() >= KEY_LENGTH {
        kept.push_str("[masked]");
    } else {
        kept.push_str(run);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_people_or_opens_doors_is_masked() {
        assert_eq!(masked("联系人li.na+1@example.com不存在"), "联系人[masked]不存在");
        assert_eq!(masked("电话13123456789\r\n错误"), "电话[masked]  错误");
        assert_eq!(masked("sign=e9fb0570fe9265fd55ea8b84f8fbcbbb"), "sign=[masked]");
    }

    #[test]
    fn the_documented_texts_stay_readable() {
        for text in [
            "columnId does not exist",
            "Fill in at least one of optionId and extendId, but not both",
            "Invalid resource URI",
            "company already exists",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(masked(&"工".repeat(1000)).chars().count(), MAX_CHARS);
    }
}
