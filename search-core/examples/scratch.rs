use search_core::*; use index_data::load::*; use std::time::Instant; use std::collections::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let dir = "/tmp/scratch-data";
    if args[1] == "build" {
        let t = Instant::now();
        let source = Source::open(args[2].as_ref(), &ColumnMap::default()).unwrap();
        let engine = Engine::open_or_empty(dir).unwrap();
        let mut last = String::new();
        let done = engine.reindex(source, |p| { let s=p.step.name().to_string(); if s!=last { eprintln!("{:?} {} {}", t.elapsed(), s, p.done); last=s; } }).unwrap();
        println!("{:?} {:?} {:?} findings {:?}", t.elapsed(), done.generation, done.report.rows, done.report.counts);
    }
    let t = Instant::now();
    let engine = Engine::open(dir).unwrap();
    println!("open {:?}", t.elapsed());
    if args[1] == "q" {
        for q in &args[2..] {
            let t = Instant::now();
            let h = engine.search(&SearchRequest::new(q.as_str()).limit(8).explain()).unwrap();
            println!("== {q} {:?} total {:?} trunc {:?} {:?}", t.elapsed(), h.total, h.truncated, h.query.parts.iter().map(|p| (p.text.clone(), p.role.name(), p.matched)).collect::<Vec<_>>());
            for hit in h.hits { println!("  {:.3} {:?} {} {} | {}", hit.score, hit.match_reason, hit.id, hit.display, hit.explanation.unwrap().features.iter().map(|f| format!("{}={:.2}", f.name, f.value)).collect::<Vec<_>>().join(" ")); }
        }
    }
    if args[1] == "names" {
        let names = engine.sample_names(20000, 7);
        let t = Instant::now(); let mut bad = 0;
        for (id, name) in &names {
            let h = engine.search(&SearchRequest::new(name.as_str())).unwrap();
            if h.hits.is_empty() || h.hits[0].name != *name { bad += 1; if bad < 10 { println!("{id} {name} -> {:?}", h.hits.first().map(|h| &h.name)); } }
        }
        println!("names bad {bad} of {} {:?} each", names.len(), t.elapsed() / names.len() as u32);
    }
    if args[1] == "eval" {
        let text = std::fs::read_to_string(&args[2]).unwrap();
        let mut fam: BTreeMap<String, (u32,u32,u32,Vec<u128>)> = BTreeMap::new();
        for line in text.lines() { let c: Vec<&str> = line.split('\t').collect(); let ids: Vec<&str> = c[1].split(',').collect();
            let t = Instant::now();
            let h = engine.search(&SearchRequest::new(c[0]).limit(10)).unwrap();
            let us = t.elapsed().as_micros();
            let at = h.hits.iter().position(|h| ids.contains(&h.id.as_str()));
            let e = fam.entry(c[2].to_string()).or_default(); e.0+=1; e.1 += (at==Some(0)) as u32; e.2 += at.is_some() as u32; e.3.push(us);
            if args.get(3).is_some_and(|f| f == c[2]) && at != Some(0) { println!("MISS {} want {} got {:?} at {:?}", c[0], ids[0], h.hits.first().map(|h| (&h.display, h.match_reason)), at); }
        }
        for (f,(n,a,b,mut us)) in fam { us.sort(); println!("{f:20} n={n:3} S@1 {:.3} S@10 {:.3} p50 {} max {}", a as f64/n as f64, b as f64/n as f64, us[us.len()/2], us[us.len()-1]); }
    }
}
