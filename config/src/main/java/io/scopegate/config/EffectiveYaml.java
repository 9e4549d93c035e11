package io.scopegate.config;

import io.scopegate.config.Shape.Field;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prints a configuration record as the YAML that it could have been loaded from, every key
 * included. Secrets are masked, and that is the only difference.
 */
public final class EffectiveYaml {
  private final StringBuilder out = new StringBuilder();

  private EffectiveYaml() {}

  /** The YAML, with a line feed at the end. */
  public static String of(Record config) {
    EffectiveYaml yaml = new EffectiveYaml();
    yaml.record(ConfigLoader.shape(config.getClass()), config, 0);
    return yaml.out.toString();
  }

  private void record(Shape.RecordOf shape, Record owner, int depth) {
    for (Field field : shape.fields()) {
      entry(field.name(), field.shape(), field.get(owner), depth);
    }
  }

  private void entry(String name, Shape shape, @Nullable Object value, int depth) {
    out.append("  ".repeat(depth)).append(text(name)).append(':');
    below(shape, value, depth);
  }

  private void below(Shape shape, @Nullable Object value, int depth) {
    if (value != null && shape instanceof Shape.RecordOf record) {
      out.append('\n');
      record(record, (Record) value, depth + 1);
    } else if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      Shape element = shape instanceof Shape.MapOf of ? of.value() : shape;
      out.append('\n');
      map.forEach((key, item) -> entry((String) key, element, item, depth + 1));
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      Shape element = shape instanceof Shape.ListOf of ? of.element() : shape;
      out.append('\n');
      list.forEach(item -> item(element, item, depth + 1));
    } else {
      out.append(' ').append(scalar(shape, value)).append('\n');
    }
  }

  /** A dash alone on its line keeps nested blocks simple; scalars stand behind it. */
  private void item(Shape shape, @Nullable Object value, int depth) {
    out.append("  ".repeat(depth)).append('-');
    below(shape, value, depth);
  }

  private static String scalar(Shape shape, @Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Map) {
      return "{}";
    }
    if (value instanceof List) {
      return "[]";
    }
    if (value instanceof Boolean || value instanceof Number) {
      return value.toString();
    }
    return text(
        shape instanceof Shape.One one ? one.codec().print().apply(value) : value.toString());
  }

  /** A scalar that reads back as this text: bare where YAML allows it, else in quotes. */
  public static String text(String text) {
    return YamlText.of(text.replace("${", "$${"));
  }
}
