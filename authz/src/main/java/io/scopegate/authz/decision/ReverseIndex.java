package io.scopegate.authz.decision;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Finds keys by their labels. For one thread at a time.
 *
 * @param <K> the keys
 * @param <L> the labels
 */
final class ReverseIndex<K, L> {
  private final Map<L, Set<K>> keys = new HashMap<>();
  private final Map<K, List<L>> labels = new HashMap<>();

  /** Puts a key under these labels, and under no others. */
  void put(K key, Collection<L> under) {
    List<L> wanted = List.copyOf(under);
    if (wanted.equals(labels.get(key))) {
      return;
    }
    remove(key);
    labels.put(key, wanted);
    wanted.forEach(label -> keys.computeIfAbsent(label, l -> new HashSet<>(2)).add(key));
  }

  /** Forgets a key. */
  void remove(K key) {
    List<L> old = labels.remove(key);
    if (old == null) {
      return;
    }
    for (L label : new HashSet<>(old)) {
      Set<K> others = Objects.requireNonNull(keys.get(label));
      others.remove(key);
      if (others.isEmpty()) {
        keys.remove(label);
      }
    }
  }

  /** The keys under a label; a view. */
  Set<K> under(L label) {
    return keys.getOrDefault(label, Set.of());
  }

  /** How many keys there are. */
  int size() {
    return labels.size();
  }
}
