//! Properties: `${a.b}` in a text, replaced. Loops and endless growth stop; what nobody knows stays as it is written.

/// How many times a value may lead to another one.
const DEEPEST: usize = 24;
/// No value that anybody writes is longer, bytes.
const LONGEST: usize = 16 * 1024;

/// Replaces properties in a text by what `look_up` knows.
pub(crate) fn interpolate(text: &str, look_up: &dyn Fn(&str) -> Option<String>) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let mut budget = 400;
    replace(text, look_up, DEEPEST, &mut budget)
}

fn replace(text: &str, look_up: &dyn Fn(&str) -> Option<String>, depth: usize, budget: &mut usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}') else { break };
        let key = &rest[start + 2..start + end];
        out.push_str(&rest[..start]);
        *budget = budget.saturating_sub(1);
        match look_up(key).filter(|_| depth > 0 && *budget > 0 && out.len() < LONGEST) {
            Some(value) => out.push_str(&replace(&value, look_up, depth - 1, budget)),
            None => out.push_str(&rest[start..=start + end]),
        }
        rest = &rest[start + end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_lead_to_properties() {
        let known = |key: &str| match key {
            "hay" => Some("${straw}.1".to_owned()),
            "straw" => Some("3".to_owned()),
            "ring" => Some("${gnir}".to_owned()),
            "gnir" => Some("x${ring}".to_owned()),
            "bomb" => Some("${bomb}${bomb}${bomb}".to_owned()),
            _ => None,
        };
        assert_eq!(interpolate("v${hay}", &known), "v3.1");
        assert_eq!(interpolate("${oats}/${", &known), "${oats}/${");
        assert!(interpolate("${ring}", &known).ends_with('}'));
        assert!(interpolate("${bomb}", &known).len() < 4 * LONGEST);
    }
}
