package io.scopegate.config;

import io.scopegate.config.Shape.Field;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which keys differ between two configurations of one kind. */
public final class Changes {
  private static final Set<Key.Reload> LATER =
      EnumSet.of(Key.Reload.AT_START, Key.Reload.FILE_FOLLOWED);

  private final List<KeyPath> all = new ArrayList<>();
  private final List<KeyPath> later = new ArrayList<>();

  private Changes() {}

  /**
   * Compares two configurations, in the order of the records.
   *
   * @param running the configuration in force
   * @param changed the new configuration, of the same type
   */
  public static <R extends Record> Changes between(R running, R changed) {
    Changes changes = new Changes();
    changes.records(ConfigLoader.shape(running.getClass()), running, changed, KeyPath.ROOT);
    return changes;
  }

  /** The keys whose values differ; a list and an entry that is new or gone are one key each. */
  public List<KeyPath> all() {
    return List.copyOf(all);
  }

  /** Those among them that take effect at the next start only. */
  public List<KeyPath> atNextStart() {
    return List.copyOf(later);
  }

  private void records(Shape.RecordOf shape, Record one, Record other, KeyPath path) {
    for (Field field : shape.fields()) {
      values(field, field.shape(), field.get(one), field.get(other), path.key(field.name()));
    }
  }

  /** A list is one value: its elements have no names by which they could be told apart. */
  private void values(
      Field field, Shape shape, @Nullable Object one, @Nullable Object other, KeyPath path) {
    if (Objects.equals(one, other)) {
      return;
    }
    if (shape instanceof Shape.RecordOf record && one != null && other != null) {
      records(record, (Record) one, (Record) other, path);
    } else if (shape instanceof Shape.MapOf map && one != null && other != null) {
      maps(field, map.value(), (Map<?, ?>) one, (Map<?, ?>) other, path);
    } else {
      all.add(path);
      if (LATER.contains(field.key().reload())) {
        later.add(path);
      }
    }
  }

  private void maps(Field field, Shape shape, Map<?, ?> one, Map<?, ?> other, KeyPath path) {
    Set<String> names = new TreeSet<>();
    one.keySet().forEach(name -> names.add((String) name));
    other.keySet().forEach(name -> names.add((String) name));
    for (String name : names) {
      values(field, shape, one.get(name), other.get(name), path.key(name));
    }
  }
}
