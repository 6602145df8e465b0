//! The law of templates, held before anything is filled.
//! Bodies choose by booleans and print; they compute nothing and write no Typst but the vocabulary.

use minijinja::machinery::ast::{BinOpKind, Expr, Stmt, UnaryOpKind};
use minijinja::machinery::{Span, parse};
use minijinja::syntax::SyntaxConfig;

use crate::diag::{Diagnostic, Diagnostics, Place};

/// Filters that a body may use.
const FILTERS: [&str; 7] = ["lit", "value", "plain", "counted", "upper_first", "lower_first", "ended"];
/// Functions that a body may call.
const FUNCTIONS: [&str; 5] = ["number", "ref", "term", "table_number", "appendix_ref"];
/// Calls by which the program tags what it prints: a body that wrote them itself would forge a source.
const TAGS: [&str; 5] = ["f", "k", "gen", "plain", "measured"];

struct Law<'a> {
    path: &'a str,
    diagnostics: &'a mut Diagnostics,
    sound: bool,
}

/// Writes an operator the way a body does.
fn sign(operator: &BinOpKind) -> &'static str {
    match operator {
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        _ => "< = >",
    }
}

/// Holds the law over a body's syntax tree.
pub(super) fn lint(path: &str, source: &str, diagnostics: &mut Diagnostics) -> bool {
    let mut law = Law { path, diagnostics, sound: true };
    match parse(source, path, SyntaxConfig::default()) {
        Ok(tree) => law.statement(&tree),
        Err(error) => law.report("template-syntax", error.line().unwrap_or(1), error.detail().unwrap_or_default()),
    }
    law.sound
}

impl Law<'_> {
    fn report(&mut self, id: &str, line: usize, found: &str) {
        self.sound = false;
        let place = Place::Line { file: format!("templates/{}", self.path), line };
        self.diagnostics.push(Diagnostic::error(id, place).with("found", found));
    }

    fn refuse(&mut self, span: Span, found: &str) {
        self.report("template-law", usize::from(span.start_line), found);
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitRaw(raw) => self.typed(raw.raw, usize::from(raw.span().start_line)),
            Stmt::EmitExpr(emit) => self.printed(&emit.expr),
            Stmt::ForLoop(each) => {
                let span = each.span();
                if each.filter_expr.is_some() || each.recursive || !matches!(each.target, Expr::Var(_)) {
                    self.refuse(span, "for … if / recursive");
                }
                self.path_of(&each.iter, "for");
                self.statements(&each.body);
                self.statements(&each.else_body);
            }
            Stmt::IfCond(choice) => {
                self.condition(&choice.expr);
                self.statements(&choice.true_body);
                self.statements(&choice.false_body);
            }
            Stmt::WithBlock(found) => self.refuse(found.span(), "with"),
            Stmt::Set(found) => self.refuse(found.span(), "set"),
            Stmt::SetBlock(found) => self.refuse(found.span(), "set"),
            Stmt::AutoEscape(found) => self.refuse(found.span(), "autoescape"),
            Stmt::FilterBlock(found) => self.refuse(found.span(), "filter"),
            Stmt::Do(found) => self.refuse(found.span(), "do"),
            #[expect(unreachable_patterns, reason = "features of the engine may add statements")]
            _ => self.report("template-law", 1, "{% … %}"),
        }
    }

    /// What is typed by hand: without the tags of the program, and without escapes, which could hide a digit.
    fn typed(&mut self, text: &str, first_line: usize) {
        let mut before = ' ';
        for (index, c) in text.char_indices() {
            let (head, rest) = text.split_at(index);
            let is_escape = c == '\\' && !rest.chars().nth(1).is_some_and(char::is_whitespace);
            let is_name = !(before.is_alphanumeric() || matches!(before, '-' | '_'));
            let call = |tag: &str| rest.strip_prefix(tag).is_some_and(|rest| rest.starts_with(['(', '[']));
            let tag = TAGS.into_iter().find(|tag| is_name && call(tag));
            if let Some(found) = tag.or(is_escape.then_some("\\")) {
                self.report("template-law", first_line + head.matches('\n').count(), found);
            }
            before = c;
        }
    }

    /// A condition is a flag by name (`is_…`, `has_…`, `loop.first`, `loop.last`) or flags joined by not, and, or.
    fn condition(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => self.condition(&op.expr),
            Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.condition(&op.left);
                self.condition(&op.right);
            }
            Expr::GetAttr(attribute) => {
                let of_loop = matches!(&attribute.expr, Expr::Var(var) if var.id == "loop");
                let flag = attribute.name.starts_with("is_")
                    || attribute.name.starts_with("has_")
                    || (of_loop && matches!(attribute.name, "first" | "last"));
                if !flag {
                    self.refuse(attribute.span(), &format!("if … {}", attribute.name));
                }
                self.path_of(&attribute.expr, "if");
            }
            other => self.refuse(other.span(), "if …"),
        }
    }

    /// What is printed: a name, filtered, or a call of an allowed function.
    fn printed(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Filter(filter) => {
                if !FILTERS.contains(&filter.name) {
                    self.refuse(filter.span(), &format!("|{}", filter.name));
                }
                self.constants(&filter.args, filter.span());
                match &filter.expr {
                    Some(inner) => self.printed(inner),
                    None => self.refuse(filter.span(), "filter"),
                }
            }
            Expr::Call(call) => {
                match &call.expr {
                    Expr::Var(var) if FUNCTIONS.contains(&var.id) => {}
                    _ => self.refuse(call.span(), "(…)"),
                }
                self.constants(&call.args, call.span());
            }
            other => self.path_of(other, "{{ … }}"),
        }
    }

    /// Arguments are string constants.
    fn constants(&mut self, args: &[minijinja::machinery::ast::CallArg<'_>], span: Span) {
        use minijinja::machinery::ast::CallArg;
        for arg in args {
            let plain = matches!(arg, CallArg::Pos(Expr::Const(constant)) if constant.value.as_str().is_some());
            if !plain {
                self.refuse(span, "(…)");
            }
        }
    }

    /// A name, or attributes of a name.
    fn path_of(&mut self, expr: &Expr<'_>, found: &str) {
        match expr {
            Expr::Var(_) => {}
            Expr::GetAttr(attribute) => self.path_of(&attribute.expr, found),
            other => {
                let what = match other {
                    Expr::BinOp(op) => format!("{found}: {}", sign(&op.op)),
                    Expr::Compare(_) => format!("{found}: < = >"),
                    Expr::IfExpr(_) => format!("{found}: … if …"),
                    Expr::Test(_) => format!("{found}: is …"),
                    Expr::Filter(filter) => format!("{found}: |{}", filter.name),
                    _ => found.to_owned(),
                };
                self.refuse(other.span(), &what);
            }
        }
    }
}
