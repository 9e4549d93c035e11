package io.scopegate.config;

import io.scopegate.config.Shape.Field;
import java.util.Optional;

/** The reference page of a configuration record: a table of every key, as Markdown. */
public final class Reference {
  private final StringBuilder out = new StringBuilder();

  private Reference() {}

  /** The table's rows with its head, a line feed at the end. */
  public static String of(Class<? extends Record> type) {
    Reference reference = new Reference();
    reference.out.append(
        "| Key | Type | Default | Meaning | A change takes effect |\n|---|---|---|---|---|\n");
    reference.rows(ConfigLoader.shape(type), "");
    return reference.out.toString();
  }

  private void rows(Shape.RecordOf shape, String prefix) {
    for (Field field : shape.fields()) {
      row(field, prefix + field.name());
      if (field.key().inherits().isEmpty()) {
        below(field.shape(), prefix + field.name());
      }
    }
  }

  private void below(Shape shape, String path) {
    if (shape instanceof Shape.RecordOf record) {
      rows(record, path + ".");
    } else if (shape instanceof Shape.ListOf list) {
      below(list.element(), path + "[]");
    } else if (shape instanceof Shape.MapOf map) {
      below(map.value(), path + ".NAME");
    }
  }

  private void row(Field field, String path) {
    out.append("| `").append(path).append("` | ").append(type(field)).append(" | ");
    out.append(def(field)).append(" | ").append(meaning(field)).append(" | ");
    out.append(reload(field)).append(" |\n");
  }

  private static String reload(Field field) {
    if (field.shape() instanceof Shape.RecordOf) {
      return "";
    }
    return switch (field.key().reload()) {
      case AT_START -> "at the next start";
      case FILE_FOLLOWED -> "content of the file: without a restart; path: at the next start";
      case AT_ONCE -> "without a restart";
      case AT_ONCE_FILE_FOLLOWED -> "without a restart, also when the content of the file changes";
    };
  }

  private static String type(Field field) {
    String bounds = Bounds.expected(field);
    String inherits = field.key().inherits();
    return field.shape().name()
        + (bounds.isEmpty() ? "" : ", " + bounds)
        + (inherits.isEmpty() ? "" : ", the keys and values of `" + inherits + "`");
  }

  private static String def(Field field) {
    if (field.shape() instanceof Shape.RecordOf && !field.nullable()) {
      return "";
    }
    Optional<String> def = field.defText();
    return def.map(d -> "`" + d + "`").orElse("must be given");
  }

  private static String meaning(Field field) {
    String doc = field.key().doc().replace("|", "\\|");
    if (!field.key().notBuilt().isEmpty()) {
      return doc + " Not implemented yet.";
    }
    return doc;
  }
}
