package io.scopegate.config;

import io.scopegate.config.Shape.Field;
import io.scopegate.config.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema of a configuration record, for editors. Draft <a
 * href="https://json-schema.org/draft/2020-12">2020-12</a>. Wherever a value may stand a reference
 * to a variable may stand too.
 */
public final class JsonSchema {
  private static final String VARIABLE = "#/$defs/variable";

  private JsonSchema() {}

  /** The schema as JSON, with a line feed at the end. */
  public static String of(Class<? extends Record> type, String title) {
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", title);
    schema.putAll(shape(ConfigLoader.shape(type)));
    schema.put("patternProperties", Map.of("^x-", Map.of())); // for anchors
    schema.put(
        "$defs",
        Map.of(
            "variable",
            map(
                "description", "A value from the environment.",
                "type", "string",
                "pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}")));
    return Json.of(schema);
  }

  private static Map<String, @Nullable Object> shape(Shape shape) {
    if (shape instanceof Shape.RecordOf record) {
      return record(record);
    }
    if (shape instanceof Shape.ListOf list) {
      return map("type", "array", "items", shape(list.element()));
    }
    if (shape instanceof Shape.MapOf mapping) {
      return map("type", "object", "additionalProperties", shape(mapping.value()));
    }
    return shape instanceof Shape.One one ? scalar(one.codec()) : new LinkedHashMap<>();
  }

  private static Map<String, @Nullable Object> record(Shape.RecordOf record) {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Field field : record.fields()) {
      properties.put(field.name(), field(field));
      if (field.defText().isEmpty() && !(field.shape() instanceof Shape.RecordOf)) {
        required.add(field.name());
      }
    }
    Map<String, @Nullable Object> schema =
        map("type", "object", "additionalProperties", false, "properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    return schema;
  }

  private static Map<String, @Nullable Object> field(Field field) {
    Object def = field.def() == null ? null : json(field.shape(), field.def());
    if (!field.key().notBuilt().isEmpty()) {
      String doc = field.key().doc() + " Not implemented yet.";
      return map("description", doc, "default", def, "const", def);
    }
    Map<String, @Nullable Object> schema = map("description", field.key().doc());
    Map<String, @Nullable Object> shape = shape(field.shape());
    bounds(field, shape);
    if (field.nullable()) {
      schema.put("anyOf", List.of(map("type", "null"), shape));
    } else {
      schema.putAll(shape);
    }
    if (field.defText().isPresent()) {
      schema.put("default", def);
    }
    return schema;
  }

  private static void bounds(Field field, Map<String, @Nullable Object> shape) {
    if (!(shape.get("anyOf") instanceof List<?> types)
        || !(field.shape() instanceof Shape.One one)
        || one.codec().json().contains("string")) {
      return;
    }
    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> number = (Map<String, @Nullable Object>) types.get(0);
    if (field.key().min() != Long.MIN_VALUE) {
      number.put("minimum", field.key().min());
    }
    if (field.key().max() != Long.MAX_VALUE) {
      number.put("maximum", field.key().max());
    }
  }

  private static Map<String, @Nullable Object> scalar(ScalarCodec codec) {
    List<@Nullable Object> types = new ArrayList<>();
    if (!codec.choices().isEmpty()) {
      types.add(map("enum", codec.choices()));
    } else {
      for (String json : codec.json()) {
        types.add(type(json, codec));
      }
    }
    boolean any =
        codec.choices().isEmpty() && codec.json().contains("string") && codec.pattern().isEmpty();
    if (any) {
      return map("type", "string");
    }
    types.add(map("$ref", VARIABLE));
    return map("anyOf", types);
  }

  private static Map<String, @Nullable Object> type(String json, ScalarCodec codec) {
    Map<String, @Nullable Object> type = map("type", json);
    if (json.equals("string") && !codec.pattern().isEmpty()) {
      type.put("pattern", codec.pattern());
    }
    return type;
  }

  /** A default as JSON. */
  static @Nullable Object json(Shape shape, YamlNode node) {
    if (shape instanceof Shape.One one && node instanceof Scalar scalar && !scalar.isNull()) {
      boolean text = one.codec().json().contains("string");
      return text ? scalar.text() : one.codec().parse().apply(scalar.text());
    }
    return Plain.of(node);
  }

  private static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
