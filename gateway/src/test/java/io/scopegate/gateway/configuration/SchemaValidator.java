package io.scopegate.gateway.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks parsed YAML by a JSON Schema, as far as ours goes. */
final class SchemaValidator {
  private final Map<?, ?> root;
  private final List<String> flaws = new ArrayList<>();

  SchemaValidator(Object root) {
    this.root = (Map<?, ?>) root;
  }

  List<String> validate(@Nullable Object value) {
    flaws.clear();
    check(root, value, "");
    return List.copyOf(flaws);
  }

  private boolean fits(Map<?, ?> schema, @Nullable Object value) {
    SchemaValidator other = new SchemaValidator(root);
    other.check(schema, value, "");
    return other.flaws.isEmpty();
  }

  private void check(Map<?, ?> schema, @Nullable Object value, String path) {
    for (Map.Entry<?, ?> rule : schema.entrySet()) {
      boolean holds =
          switch ((String) rule.getKey()) {
            case "$schema", "$defs", "title", "description", "default" -> true;
            case "const" -> Objects.equals(rule.getValue(), value);
            case "enum" -> ((List<?>) rule.getValue()).contains(value);
            case "type" -> isOf((String) rule.getValue(), value);
            case "pattern" ->
                !(value instanceof String text)
                    || Pattern.compile((String) rule.getValue()).matcher(text).find();
            case "minimum" -> !(value instanceof Number n) || n.doubleValue() >= number(rule);
            case "maximum" -> !(value instanceof Number n) || n.doubleValue() <= number(rule);
            case "anyOf" ->
                ((List<?>) rule.getValue()).stream().anyMatch(s -> fits((Map<?, ?>) s, value));
            case "$ref" -> fits(definition((String) rule.getValue()), value);
            case "required" ->
                value instanceof Map<?, ?> map
                    && map.keySet().containsAll((List<?>) rule.getValue());
            case "items" -> items((Map<?, ?>) rule.getValue(), value, path);
            case "properties" -> properties((Map<?, ?>) rule.getValue(), value, path);
            case "patternProperties" -> true; // of what is known there nothing is wanted
            case "additionalProperties" -> additional(schema, rule.getValue(), value, path);
            default -> throw new IllegalStateException("rule: " + rule.getKey());
          };
      if (!holds) {
        flaws.add(path + ": " + value + " breaks " + rule);
      }
    }
  }

  private static double number(Map.Entry<?, ?> rule) {
    return ((Number) rule.getValue()).doubleValue();
  }

  private Map<?, ?> definition(String ref) {
    String name = ref.substring("#/$defs/".length());
    Map<?, ?> definitions = (Map<?, ?>) Objects.requireNonNull(root.get("$defs"));
    return (Map<?, ?>) Objects.requireNonNull(definitions.get(name), name);
  }

  private static boolean isOf(String type, @Nullable Object value) {
    return switch (type) {
      case "null" -> value == null;
      case "string" -> value instanceof String;
      case "boolean" -> value instanceof Boolean;
      case "integer" -> value instanceof Integer || value instanceof Long;
      case "number" -> value instanceof Number;
      case "array" -> value instanceof List;
      case "object" -> value instanceof Map;
      default -> throw new IllegalStateException("type: " + type);
    };
  }

  private boolean items(Map<?, ?> schema, @Nullable Object value, String path) {
    if (value instanceof List<?> list) {
      list.forEach(item -> check(schema, item, path + "[]"));
    }
    return true;
  }

  private boolean properties(Map<?, ?> schemas, @Nullable Object value, String path) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> {
        if (schemas.containsKey(key)) {
          check((Map<?, ?>) schemas.get(key), item, path + "." + key);
        }
      });
    }
    return true;
  }

  private boolean additional(Map<?, ?> schema, Object rule, @Nullable Object value, String path) {
    if (!(value instanceof Map<?, ?> map)) {
      return true;
    }
    Map<?, ?> known = (Map<?, ?>) schema.get("properties");
    if (rule instanceof Map<?, ?> element) {
      map.forEach((key, item) -> check(element, item, path + "." + key));
      return true;
    }
    Map<?, ?> patterns =
        schema.get("patternProperties") instanceof Map<?, ?> given ? given : Map.of();
    return known != null
        && map.keySet().stream()
            .allMatch(key ->
                known.containsKey(key)
                    || patterns.keySet().stream()
                        .anyMatch(p -> Pattern.compile((String) p).matcher((String) key).find()));
  }
}
