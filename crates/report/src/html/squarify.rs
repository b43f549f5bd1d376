//! Squarified treemaps (Bruls, Huizing, van Wijk, 2000): rectangles with given areas, as close to squares as a greedy walk gets.

/// A rectangle.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

/// Divides `space` among weights, in their order; the largest should come first. Areas are proportional to the weights, which
/// are zero or more; they cover the space and don't overlap. Without any weight above zero, all rectangles are empty.
pub(super) fn squarify(weights: &[f64], space: Rect) -> Vec<Rect> {
    let total: f64 = weights.iter().sum();
    let mut rects = vec![Rect { x: space.x, y: space.y, w: 0.0, h: 0.0 }; weights.len()];
    if total <= 0.0 || space.w <= 0.0 || space.h <= 0.0 {
        return rects;
    }
    let scale = space.w * space.h / total;
    let areas: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
    let (mut left, mut start) = (space, 0);
    while start < areas.len() {
        let side = left.w.min(left.h);
        let (mut end, mut sum) = (start + 1, areas[start]);
        let mut ratio = worst(areas[start], areas[start], sum, side);
        // A row grows as long as its worst rectangle gets better.
        while end < areas.len() {
            let next = worst(areas[start], areas[end], sum + areas[end], side);
            if next > ratio {
                break;
            }
            (ratio, sum, end) = (next, sum + areas[end], end + 1);
        }
        left = row(&areas[start..end], sum, left, end == areas.len(), &mut rects[start..end]);
        start = end;
    }
    rects
}

/// The worst ratio of sides in a row of this sum, laid along `side`; its largest and its smallest rectangle decide.
fn worst(largest: f64, smallest: f64, sum: f64, side: f64) -> f64 {
    if smallest <= 0.0 || sum <= 0.0 {
        return f64::INFINITY;
    }
    let (side, sum) = (side * side, sum * sum);
    (side * largest / sum).max(sum / (side * smallest))
}

/// Lays a row along the shorter side; returns the space that is left. The last row takes all of it, so that nothing is lost to
/// rounding.
fn row(areas: &[f64], sum: f64, space: Rect, last: bool, out: &mut [Rect]) -> Rect {
    let wide = space.w >= space.h;
    let (side, depth) = if wide { (space.h, space.w) } else { (space.w, space.h) };
    let thick = if last { depth } else { (sum / side).min(depth) };
    let mut at = 0.0;
    for (index, (area, rect)) in areas.iter().zip(out.iter_mut()).enumerate() {
        let share = if sum > 0.0 { side * area / sum } else { 0.0 };
        let length = if index + 1 == areas.len() { (side - at).max(0.0) } else { share.min(side - at) };
        *rect = if wide {
            Rect { x: space.x, y: space.y + at, w: thick, h: length }
        } else {
            Rect { x: space.x + at, y: space.y, w: length, h: thick }
        };
        at += length;
    }
    if wide {
        Rect { x: space.x + thick, w: space.w - thick, ..space }
    } else {
        Rect { y: space.y + thick, h: space.h - thick, ..space }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPACE: Rect = Rect { x: 10.0, y: 20.0, w: 600.0, h: 400.0 };

    #[test]
    fn the_example_of_the_paper() {
        let space = Rect { x: 0.0, y: 0.0, w: 6.0, h: 4.0 };
        let rects = squarify(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], space);
        let show: Vec<String> = rects.iter().map(|r| format!("{:.2} {:.2} {:.2} {:.2}", r.x, r.y, r.w, r.h)).collect();
        assert_eq!(
            show,
            [
                "0.00 0.00 3.00 2.00",
                "0.00 2.00 3.00 2.00",
                "3.00 0.00 1.71 2.33",
                "4.71 0.00 1.29 2.33",
                "3.00 2.33 1.20 1.67",
                "4.20 2.33 1.20 1.67",
                "5.40 2.33 0.60 1.67",
            ]
        );
    }

    #[test]
    fn nothing_weighs_nothing() {
        assert!(squarify(&[], SPACE).is_empty());
        assert!(squarify(&[0.0, 0.0], SPACE).iter().all(|r| r.w * r.h == 0.0));
        let rects = squarify(&[5.0, 0.0], SPACE);
        assert!((rects[0].w * rects[0].h - 240_000.0).abs() < 1e-6);
        assert!(rects[1].w * rects[1].h < 1e-6);
    }

    proptest! {
        #[test]
        fn rectangles_cover_the_space_and_do_not_overlap(
            mut weights in proptest::collection::vec(1_u32..1_000_000_000, 1..200),
            (w, h) in (1.0..2000.0_f64, 1.0..2000.0_f64),
        ) {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            let space = Rect { w, h, ..SPACE };
            let rects = squarify(&weights, space);
            let (whole, total) = (w * h, weights.iter().sum::<f64>());
            let slack = 1e-6 * whole.max(1.0);
            let edge = 1e-6 * w.max(h);
            let mut covered = 0.0;
            for (rect, weight) in rects.iter().zip(&weights) {
                prop_assert!(rect.w >= 0.0 && rect.h >= 0.0);
                prop_assert!((rect.w * rect.h - weight / total * whole).abs() <= slack, "area follows the weight");
                prop_assert!(rect.x >= space.x - edge && rect.y >= space.y - edge);
                prop_assert!(rect.x + rect.w <= space.x + w + edge && rect.y + rect.h <= space.y + h + edge);
                covered += rect.w * rect.h;
            }
            prop_assert!((covered - whole).abs() <= slack, "all of it is covered");
            for (at, a) in rects.iter().enumerate() {
                for b in &rects[at + 1..] {
                    let across = (a.x + a.w).min(b.x + b.w) - a.x.max(b.x);
                    let down = (a.y + a.h).min(b.y + b.h) - a.y.max(b.y);
                    prop_assert!(across <= edge || down <= edge, "{a:?} and {b:?}");
                }
            }
        }
    }
}
