//! The part of ONNX's protocol buffers that a pipeline needs, written field by field.
//!
//! <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>, whose field numbers stand beside each message below.

/// A message under construction.
#[derive(Debug, Clone, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        loop {
            let low = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                self.0.push(low);
                return;
            }
            self.0.push(low | 0x80);
        }
    }

    fn key(&mut self, field: u64, wire: u64) {
        self.varint(field << 3 | wire);
    }

    /// A whole number; negative ones are ten bytes, as in protocol buffers.
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.key(field, 0);
        self.varint(value as u64);
        self
    }

    pub fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub fn message(self, field: u64, message: &Message) -> Self {
        self.bytes(field, &message.0)
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// TensorProto.DataType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Float = 1,
    Int64 = 7,
    Text = 8,
    Double = 11,
}

/// TensorProto: dims = 1, `data_type` = 2, `string_data` = 6, name = 8, `raw_data` = 9.
pub(super) fn doubles(name: &str, dims: &[usize], values: &[f64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, dims, Type::Double).bytes(9, &raw)
}

/// The same of whole numbers.
pub(super) fn ints(name: &str, dims: &[usize], values: &[i64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, dims, Type::Int64).bytes(9, &raw)
}

fn tensor(name: &str, dims: &[usize], kind: Type) -> Message {
    let dims = dims.iter().fold(Message::default(), |tensor, &dim| tensor.int(1, dim as i64));
    dims.int(2, kind as i64).text(8, name)
}

/// AttributeProto: name = 1, i = 3, s = 4, t = 5, ints = 8, strings = 9, type = 20.
#[derive(Debug, Clone)]
pub(super) enum Attribute {
    Int(i64),
    Text(String),
    Tensor(Message),
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

impl Attribute {
    fn message(&self, name: &str) -> Message {
        let named = Message::default().text(1, name);
        match self {
            Attribute::Int(value) => named.int(3, *value).int(20, 2),
            Attribute::Text(text) => named.text(4, text).int(20, 3),
            Attribute::Tensor(tensor) => named.message(5, tensor).int(20, 4),
            Attribute::Ints(values) => values.iter().fold(named, |m, &value| m.int(8, value)).int(20, 7),
            Attribute::Texts(texts) => texts.iter().fold(named, |m, text| m.text(9, text)).int(20, 8),
        }
    }
}

/// NodeProto: input = 1, output = 2, name = 3, `op_type` = 4, attribute = 5, domain = 7.
pub(super) fn node(
    (op, domain): (&str, &str),
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[(&str, Attribute)],
) -> Message {
    let node = inputs.iter().fold(Message::default(), |node, input| node.text(1, input));
    let node = outputs.iter().fold(node, |node, output| node.text(2, output)).text(3, outputs[0]).text(4, op);
    let node = attributes.iter().fold(node, |node, (name, attribute)| node.message(5, &attribute.message(name)));
    if domain.is_empty() { node } else { node.text(7, domain) }
}

/// ValueInfoProto of a tensor with so many columns and any number of rows: name = 1, type = 2; TypeProto: `tensor_type` = 1; its Tensor:
/// `elem_type` = 1, shape = 2; TensorShapeProto: dim = 1; its Dimension: `dim_value` = 1, `dim_param` = 2.
pub(super) fn value(name: &str, kind: Type, columns: Option<usize>) -> Message {
    let rows = Message::default().text(2, "rows");
    let mut shape = Message::default().message(1, &rows);
    if let Some(columns) = columns {
        shape = shape.message(1, &Message::default().int(1, columns as i64));
    }
    let tensor = Message::default().int(1, kind as i64).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}

/// What a graph is made of.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub nodes: Vec<Message>,
    pub constants: Vec<Message>,
    pub inputs: Vec<Message>,
    pub outputs: Vec<Message>,
}

/// The versions of the operators that a graph uses.
const OPERATORS: [(&str, i64); 2] = [("", 18), ("ai.onnx.ml", 4)];
/// The version of the file format that goes with them.
const IR_VERSION: i64 = 9;

/// ModelProto: `ir_version` = 1, `producer_name` = 2, `producer_version` = 3, graph = 7, `opset_import` = 8, `metadata_props` = 14.
/// GraphProto: node = 1, name = 2, initializer = 5, `doc_string` = 10, input = 11, output = 12. OperatorSetIdProto: domain = 1,
/// version = 2. StringStringEntryProto: key = 1, value = 2.
pub(super) fn model(graph: &Graph, name: &str, about: &str, facts: &[(&str, &str)]) -> Vec<u8> {
    let all = [(1, &graph.nodes), (5, &graph.constants), (11, &graph.inputs), (12, &graph.outputs)];
    let start = Message::default().text(2, name).text(10, about);
    let whole = all
        .into_iter()
        .fold(start, |whole, (field, parts)| parts.iter().fold(whole, |whole, part| whole.message(field, part)));
    let model = Message::default().int(1, IR_VERSION).text(2, "fraudbench").text(3, crate::VERSION);
    let model = OPERATORS.iter().fold(model.message(7, &whole), |model, (domain, version)| {
        model.message(8, &Message::default().text(1, domain).int(2, *version))
    });
    let model = facts
        .iter()
        .fold(model, |model, (key, value)| model.message(14, &Message::default().text(1, key).text(2, value)));
    model.into_bytes()
}
