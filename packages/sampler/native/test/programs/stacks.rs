// Generics, closures, trait objects, panics that are caught.
use std::collections::HashMap;
use std::fmt::Write;

trait Shape {
    fn area(&self, depth: u32) -> f64;
}

struct Square(f64);

impl Shape for Square {
    #[inline(never)]
    fn area(&self, depth: u32) -> f64 {
        if depth == 0 {
            return self.0.sin();
        }
        self.area(depth - 1) + 1.0
    }
}

#[inline(never)]
fn work<T: Shape + ?Sized>(shape: &T) -> f64 {
    let mut words: Vec<String> = (0..200).map(|i| (i * 7919 % 200).to_string()).collect();
    words.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut counts: HashMap<&str, f64> = HashMap::new();
    for word in &words {
        *counts.entry(word).or_insert(0.0) += shape.area(10);
    }
    let mut text = String::new();
    write!(text, "{:?}", counts.values().sum::<f64>()).unwrap();
    text.len() as f64
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    println!("ready");
    let shape: Box<dyn Shape> = Box::new(Square(2.0));
    let mut total = 0.0;
    loop {
        total += work(shape.as_ref());
        let _ = std::panic::catch_unwind(|| panic!("expected"));
        if total < 0.0 {
            break;
        }
    }
}
