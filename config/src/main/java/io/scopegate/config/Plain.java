package io.scopegate.config;

import io.scopegate.config.YamlNode.Mapping;
import io.scopegate.config.YamlNode.Scalar;
import io.scopegate.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes as texts, lists and maps. */
final class Plain {
  private Plain() {}

  static @Nullable Object of(YamlNode node) {
    if (node instanceof Scalar scalar) {
      return scalar.isNull() ? null : scalar.text();
    }
    if (node instanceof Sequence sequence) {
      List<@Nullable Object> list = new ArrayList<>();
      sequence.items().forEach(item -> list.add(of(item)));
      return list;
    }
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    ((Mapping) node).entries().forEach((key, entry) -> map.put(key, of(entry.value())));
    return map;
  }
}
