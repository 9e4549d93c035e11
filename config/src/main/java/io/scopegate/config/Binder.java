package io.scopegate.config;

import io.scopegate.config.Shape.Field;
import io.scopegate.config.YamlNode.Entry;
import io.scopegate.config.YamlNode.Mapping;
import io.scopegate.config.YamlNode.Scalar;
import io.scopegate.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns nodes into values. A value that does not fit becomes a problem, and its default takes its
 * place, so that the rest can still be checked; where there is no default, what contains it is left
 * out.
 */
final class Binder {
  /** Stands for a value that could not be had. */
  static final Object FAILED = new Failed();

  private static final class Failed {}

  /** What people write for nothing. */
  private static final Set<String> NO = Set.of("off", "none", "no", "false", "disabled");

  private static final Mapping EMPTY = new Mapping(Position.START, Map.of());

  private final Mapping root;
  private final Problems problems;
  private final Map<KeyPath, KeyPath> origins = new LinkedHashMap<>();

  Binder(Mapping root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  /** The mapping that stands in for keys that are not given, and where it is. */
  private record Origin(Mapping mapping, KeyPath path) {
    static final Origin NONE = new Origin(EMPTY, KeyPath.ROOT);

    boolean isNone() {
      return mapping.entries().isEmpty();
    }

    Origin below(String key) {
      Entry entry = mapping.get(key);
      return entry != null && entry.value() instanceof Mapping below
          ? new Origin(below, path.key(key))
          : NONE;
    }
  }

  static boolean isFailed(@Nullable Object value) {
    return value instanceof Failed;
  }

  /** Which mappings stand in for which, by path. */
  Map<KeyPath, KeyPath> origins() {
    return origins;
  }

  @Nullable Object bindRoot(Shape.RecordOf shape) {
    return record(shape, root, KeyPath.ROOT, Origin.NONE, root.position());
  }

  private @Nullable Object record(
      Shape.RecordOf shape, Mapping mapping, KeyPath path, Origin origin, Position position) {
    reportUnknown(shape, mapping, path);
    if (!origin.isNone()) {
      origins.put(path, origin.path());
    }
    @Nullable Object[] values = new @Nullable Object[shape.fields().size()];
    boolean complete = true;
    for (int i = 0; i < values.length; i++) {
      values[i] = field(shape.fields().get(i), mapping, path, origin, position);
      complete &= !isFailed(values[i]);
    }
    if (!complete) {
      return FAILED;
    }
    try {
      return shape.create(values);
    } catch (IllegalArgumentException e) {
      problems.add(position, path, "a mapping that does not fit", "" + e.getMessage());
      return FAILED;
    }
  }

  private void reportUnknown(Shape.RecordOf shape, Mapping mapping, KeyPath path) {
    mapping
        .entries()
        .forEach((name, entry) -> {
          if (shape.field(name).isEmpty() && !isForAnchors(name, path)) {
            String known = "one of " + String.join(", ", shape.names());
            problems.add(
                entry.keyPosition(),
                path.key(name),
                "unknown key",
                Nearest.to(name, shape.names()).map(n -> n + "; " + known).orElse(known));
          }
        });
  }

  /** What is only there to be referred to, as in Compose files: {@code x-upstream: &upstream}. */
  private static boolean isForAnchors(String name, KeyPath path) {
    return path.isRoot() && name.startsWith("x-");
  }

  private @Nullable Object field(
      Field field, Mapping mapping, KeyPath path, Origin origin, Position position) {
    KeyPath own = path.key(field.name());
    Origin below = below(field, origin);
    Entry given = mapping.get(field.name());
    if (given != null) {
      return orDefault(given(field, given.value(), own, below), field, own, below);
    }
    Entry inherited = origin.mapping().get(field.name());
    if (inherited != null) {
      KeyPath there = origin.path().key(field.name());
      return orDefault(given(field, inherited.value(), there, Origin.NONE), field, own, below);
    }
    Object value = absent(field, own, below);
    if (isFailed(value) && field.def() == null && !(field.shape() instanceof Shape.RecordOf)) {
      problems.add(position, own, "missing", field.shape().expected());
    }
    return value;
  }

  private Origin below(Field field, Origin origin) {
    if (field.key().inherits().isEmpty()) {
      return origin.isNone() ? origin : origin.below(field.name());
    }
    Origin found = new Origin(root, KeyPath.ROOT);
    for (String key : field.key().inherits().split("\\.")) {
      found = found.below(key);
    }
    return found;
  }

  private @Nullable Object orDefault(
      @Nullable Object value, Field field, KeyPath path, Origin origin) {
    return isFailed(value) ? absent(field, path, origin) : value;
  }

  /** The value of a key that is not given. */
  private @Nullable Object absent(Field field, KeyPath path, Origin origin) {
    if (field.def() != null) {
      return value(field, field.def(), path, origin);
    }
    if (field.nullable()) {
      return null;
    }
    return field.shape() instanceof Shape.RecordOf shape
        ? record(shape, EMPTY, path, origin, Position.START)
        : FAILED;
  }

  /** A field's value when it is not given and inherits nothing; {@link #FAILED} without one. */
  static @Nullable Object unset(Field field) {
    Binder binder = new Binder(EMPTY, new Problems(""));
    return binder.absent(field, KeyPath.ROOT, Origin.NONE);
  }

  private @Nullable Object given(Field field, YamlNode node, KeyPath path, Origin origin) {
    Object value = value(field, node, path, origin);
    if (isFailed(value) || field.key().notBuilt().isEmpty()) {
      return value;
    }
    Object def = absent(field, path, origin);
    if (!Objects.equals(value, def)) {
      String expected = "the default " + field.defText().orElse("") + "; " + field.key().notBuilt();
      problems.add(node.position(), path, shown(field.shape(), node), notBuilt(expected));
    }
    return def;
  }

  private static String notBuilt(String expected) {
    return expected + " is not implemented yet";
  }

  private @Nullable Object value(Field field, YamlNode node, KeyPath path, Origin origin) {
    if (node instanceof Scalar scalar && isNull(scalar, field)) {
      if (field.nullable()) {
        return null;
      }
      if (field.shape() instanceof Shape.RecordOf shape) {
        return record(shape, EMPTY, path, origin, node.position());
      }
    }
    Object value = bind(field.shape(), node, path, origin, field);
    return isFailed(value) ? value : Bounds.check(field, value, node, path, problems);
  }

  /** A variable that is set to nothing is as good as null where null may stand. */
  private static boolean isNull(Scalar scalar, Field field) {
    return scalar.isNull() || (field.nullable() && scalar.substituted() && scalar.text().isEmpty());
  }

  private @Nullable Object bind(
      Shape shape, YamlNode node, KeyPath path, Origin origin, Field field) {
    if (node instanceof Scalar scalar && scalar.broken()) {
      return FAILED;
    }
    if (shape instanceof Shape.Any) {
      return Plain.of(node);
    }
    if (shape instanceof Shape.One one && node instanceof Scalar scalar && !scalar.isNull()) {
      return scalar(one.codec(), scalar, path, field);
    }
    if (shape instanceof Shape.ListOf list && node instanceof Sequence sequence) {
      return list(list.element(), sequence, path, field);
    }
    if (shape instanceof Shape.MapOf map && node instanceof Mapping mapping) {
      return map(map.value(), mapping, path, origin, field);
    }
    if (shape instanceof Shape.RecordOf type && node instanceof Mapping mapping) {
      return record(type, mapping, path, origin, mapping.position());
    }
    problems.add(node.position(), path, shown(shape, node), shape.expected());
    return FAILED;
  }

  private Object scalar(ScalarCodec codec, Scalar scalar, KeyPath path, Field field) {
    try {
      return codec.parse().apply(scalar.text());
    } catch (IllegalArgumentException e) {
      String shown = codec.secret() ? Secret.MASK : scalar.toString();
      String near = Nearest.to(scalar.raw(), codec.choices()).map(n -> n + "; ").orElse("");
      String none = field.nullable() && NO.contains(scalar.raw()) ? "null for none; " : "";
      problems.add(scalar.position(), path, shown, none + near + codec.expected());
      return FAILED;
    }
  }

  private List<Object> list(Shape element, Sequence sequence, KeyPath path, Field field) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      YamlNode node = sequence.items().get(i);
      Object item = bind(element, node, path.index(i), Origin.NONE, field);
      if (item != null && !isFailed(item)) {
        items.add(item);
      }
    }
    return Collections.unmodifiableList(items);
  }

  private Map<String, Object> map(
      Shape shape, Mapping mapping, KeyPath path, Origin origin, Field field) {
    Map<String, Object> values = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach((name, entry) -> {
          KeyPath below = path.key(name);
          Object value = bind(shape, entry.value(), below, origin, field);
          if (value != null && !isFailed(value)) {
            values.put(name, value);
          }
        });
    return Collections.unmodifiableMap(values);
  }

  private static String shown(Shape shape, YamlNode node) {
    return shape instanceof Shape.One one && one.codec().secret() && node instanceof Scalar
        ? Secret.MASK
        : node.toString();
  }
}
