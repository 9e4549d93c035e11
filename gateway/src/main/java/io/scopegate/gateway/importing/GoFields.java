package io.scopegate.gateway.importing;

import io.scopegate.config.YamlValue;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The known keys of a mapping, found as Go's decoder finds them: in any letter case. A key that
 * restricts something must not be missed because of how it is written. What is not known becomes a
 * note.
 */
final class GoFields {
  private final YamlValue mapping;
  private final Map<String, YamlValue> found = new HashMap<>();

  private GoFields(YamlValue mapping) {
    this.mapping = mapping;
  }

  /** Reads a mapping; what is none has no keys and is a problem. */
  static GoFields of(YamlValue mapping, Set<String> known, Notes notes) {
    GoFields fields = new GoFields(mapping);
    Map<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    known.forEach(name -> names.put(name, name));
    mapping.fields().forEach((key, value) -> fields.take(names.get(key), value, notes));
    return fields;
  }

  private void take(@Nullable String name, YamlValue value, Notes notes) {
    if (name == null) {
      notes.add(value, "not known, and left out.");
    } else if (found.putIfAbsent(name, value) != null) {
      value.problem(
          "the key " + name.toLowerCase(Locale.ROOT) + " once more", "once, in any letter case");
    }
  }

  /** A value that is there and not null. */
  Optional<YamlValue> get(String name) {
    return Optional.ofNullable(found.get(name)).filter(value -> !value.isNull());
  }

  /** A text that is there and not empty. */
  Optional<String> text(String name) {
    return get(name).flatMap(YamlValue::text).filter(text -> !text.isEmpty());
  }

  /** A text that must be there; a problem and empty when it is not. */
  String needed(String name) {
    Optional<String> text = text(name);
    if (text.isEmpty() && get(name).flatMap(YamlValue::text).isPresent() || get(name).isEmpty()) {
      mapping.problem(name + " is missing", "a " + name);
    }
    return text.orElse("");
  }

  /** The elements of a list, none when it is not there. */
  List<YamlValue> items(String name) {
    return get(name).map(YamlValue::items).orElse(List.of());
  }

  YamlValue mapping() {
    return mapping;
  }
}
