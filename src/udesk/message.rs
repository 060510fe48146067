//! The vendor's error texts, made fit for logs: one line, bounded, without what identifies people or opens
//! doors.

/// As much of a text as is kept.
const MAX_CHARS: usize = 300;
/// A run of letters with so many digits is a telephone number, an id of a person or a key.
const IDENTIFYING_DIGITS: usize = 7;
/// A run of letters and digits as long as an MD5 is a key or a signature.
const KEY_LENGTH: usize = 32;

/// The text with everything masked that looks like an e-mail address, a telephone number or a key: Udesk
/// repeats the e-mail it did not find (1008).
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

/// Han letters end a word: the vendor writes `邮箱为a@b.c的客服`.
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
        assert_eq!(masked("未找到邮箱为li.na+1@example.com的客服"), "未找到邮箱为[masked]的客服");
        assert_eq!(masked("电话13123456789\r\n错误"), "电话[masked]  错误");
        assert_eq!(masked("sign=e9fb0570fe9265fd55ea8b84f8fbcbbb"), "sign=[masked]");
    }

    #[test]
    fn the_documented_texts_stay_readable() {
        for text in [
            "签名错,请升级版本后使用!",
            "验证失败: ql-链接 不是正确的网址格式, 仅支持http, https 或 ftp 开头的网址",
            "agent_email, agent_id are mutually exclusive",
            "per_page should be between 1 and 100",
            "ticket[content] is missing",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(masked(&"工".repeat(1000)).chars().count(), MAX_CHARS);
    }
}
