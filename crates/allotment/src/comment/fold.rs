//! Text as it is compared: one width, one case, one space, no pictures.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bounds::CLAIM_CHARS_MAX;

/// Folds a text; `None` if it is longer than a claim or a name for one can be.
pub(super) fn fold(text: &str) -> Option<Vec<char>> {
    // Bytes first: what is far too long is not looked at.
    if text.len() > 8 * CLAIM_CHARS_MAX {
        return None;
    }
    let mut folded: Vec<char> = Vec::new();
    for sign in text.chars() {
        match sign {
            '①'..='⑳' => circled(u32::from(sign) - u32::from('①') + 1, &mut folded),
            _ => match plain(sign) {
                ' ' if folded.last().is_none_or(|last| *last == ' ') => {}
                sign => folded.push(sign),
            },
        }
    }
    if folded.last() == Some(&' ') {
        folded.pop();
    }
    (folded.len() <= CLAIM_CHARS_MAX).then_some(folded)
}

/// As [`fold`], as a text.
pub(super) fn fold_to_text(text: &str) -> Option<String> {
    Some(fold(text)?.into_iter().collect())
}

fn circled(number: u32, folded: &mut Vec<char>) {
    for digit in [number / 10, number % 10] {
        if digit > 0 || number >= 10 && digit == number % 10 {
            folded.extend(char::from_digit(digit, 10));
        }
    }
}

/// What a sign is compared as. Pictures that say nothing of money, telephones or time are as a space.
fn plain(sign: char) -> char {
    match sign {
        // Full width.
        '\u{ff01}'..='\u{ff5e}' => {
            let narrow = char::from_u32(u32::from(sign) - 0xfee0).expect("it is ASCII by then");
            plain(narrow)
        }
        'A'..='Z' => sign.to_ascii_lowercase(),
        '、' => ',',
        '。' => ';',
        '‘' | '’' => '\'',
        '×' | '✖' | '✕' => '*',
        '號' => '号',
        '兩' => '两',
        '個' => '个',
        '單' => '单',
        '謝' => '谢',
        '買' => '买',
        '給' => '给',
        '請' => '请',
        '幫' => '帮',
        '來' => '来',
        '們' => '们',
        '!' | '~' | '…' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{fe0f}' | '\u{20e3}' => ' ',
        '\u{1f4b0}'..='\u{1f4b9}' | '\u{1f4de}'..='\u{1f4f6}' | '\u{1f550}'..='\u{1f567}' => sign,
        '\u{260e}' | '\u{260f}' => sign,
        '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' => ' ',
        _ if sign.is_whitespace() => ' ',
        _ => sign,
    }
}
