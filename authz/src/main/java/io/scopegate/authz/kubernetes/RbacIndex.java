package io.scopegate.authz.kubernetes;

import io.scopegate.authz.RightsChange;
import io.scopegate.authz.RightsChange.Effect;
import io.scopegate.authz.ServiceAccount;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which bindings refer to a role, and whom they bind: enough to tell whom a change affects, and no
 * more. What a role allows is not evaluated, only compared. For one thread at a time.
 *
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/rbac/">RBAC</a>
 */
final class RbacIndex {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Map<Name, Role> roles = new HashMap<>();
  private final Map<Name, Binding> bindings = new HashMap<>();
  private final Map<Name, Set<Name>> bindingsOf = new HashMap<>();
  private long subjects;

  /** How many roles and bindings there are. */
  int size() {
    return roles.size() + bindings.size();
  }

  /** How many subjects all bindings name together. */
  long subjects() {
    return subjects;
  }

  /**
   * Takes a role as it is now.
   *
   * @param cluster whether it is a ClusterRole
   * @throws ClassCastException when a field has the wrong type
   */
  void role(boolean cluster, JsonObject object, Affected affected) {
    Name name = Name.of(cluster, object);
    Role role = new Role(uid(object), digest(array(object, "rules")));
    Role before = roles.put(name, role);
    if (role.equals(before)) {
      return;
    }
    if (before != null) {
      bound(name, Effect.TAKES, affected);
    }
    bound(name, Effect.GIVES, affected);
  }

  /** A role is gone. */
  void roleGone(Name name, Affected affected) {
    roles.remove(name);
    bound(name, Effect.TAKES, affected);
  }

  /**
   * Takes a binding as it is now.
   *
   * @param cluster whether it is a ClusterRoleBinding
   * @throws ClassCastException when a field has the wrong type
   */
  void binding(boolean cluster, JsonObject object, Affected affected) {
    Name name = Name.of(cluster, object);
    Binding binding = Binding.of(object, name.namespace());
    Binding before = bindings.get(name);
    if (binding.equals(before)) {
      return;
    }
    if (before != null) {
      forget(name, before);
    }
    bindings.put(name, binding);
    bindingsOf.computeIfAbsent(binding.role(), role -> new HashSet<>(2)).add(name);
    subjects += binding.subjects();
    compare(name.namespace(), before, binding, affected);
  }

  /** Subjects that stay bound keep their rights: a list that grows affects only the new ones. */
  private static void compare(
      String namespace, @Nullable Binding before, Binding now, Affected affected) {
    if (before == null || !before.isSameBut(now)) {
      affected.add(Effect.TAKES, namespace, before);
      affected.add(Effect.GIVES, namespace, now);
    } else {
      affected.add(Effect.TAKES, namespace, before.without(now));
      affected.add(Effect.GIVES, namespace, now.without(before));
    }
  }

  /**
   * A binding is gone.
   *
   * @param last as it was at the end, if it was not known; null when only its name is known
   */
  void bindingGone(Name name, @Nullable JsonObject last, Affected affected) {
    Binding before = bindings.remove(name);
    if (before != null) {
      forget(name, before);
      affected.add(Effect.TAKES, name.namespace(), before);
    }
    if (last != null) {
      affected.add(Effect.TAKES, name.namespace(), Binding.of(last, name.namespace()));
    }
  }

  /** The names of all roles, or cluster roles, that are known now. */
  Set<Name> roleNames(boolean cluster) {
    return names(roles.keySet(), cluster);
  }

  /** The names of all bindings, or cluster role bindings, that are known now. */
  Set<Name> bindingNames(boolean cluster) {
    return names(bindings.keySet(), cluster);
  }

  private static Set<Name> names(Set<Name> all, boolean cluster) {
    Set<Name> names = new HashSet<>();
    for (Name name : all) {
      if (name.namespace().isEmpty() == cluster) {
        names.add(name);
      }
    }
    return names;
  }

  private void forget(Name name, Binding binding) {
    subjects -= binding.subjects();
    Set<Name> others = Objects.requireNonNull(bindingsOf.get(binding.role()));
    others.remove(name);
    if (others.isEmpty()) {
      bindingsOf.remove(binding.role());
    }
  }

  private void bound(Name role, Effect effect, Affected affected) {
    for (Name name : bindingsOf.getOrDefault(role, Set.of())) {
      affected.add(effect, name.namespace(), bindings.get(name));
    }
  }

  private static String uid(JsonObject object) {
    return object.getJsonObject("metadata").getString("uid", "");
  }

  private static JsonArray array(JsonObject object, String key) {
    JsonArray array = object.getJsonArray(key);
    return array == null ? new JsonArray() : array;
  }

  private static Digest digest(JsonArray rules) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(rules.toBuffer().getBytes());
      return new Digest((long) LONG.get(hash, 0), (long) LONG.get(hash, Long.BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: part of every JVM)", e);
    }
  }

  /** Whom changes affect, where, and how. */
  static final class Affected {
    private final Map<Where, Subjects> changed = new LinkedHashMap<>();

    private void add(Effect effect, String namespace, @Nullable Binding binding) {
      if (binding != null && binding.subjects() > 0) {
        Subjects subjects =
            changed.computeIfAbsent(new Where(effect, namespace), where -> new Subjects());
        subjects.users.addAll(binding.users());
        subjects.groups.addAll(binding.groups());
      }
    }

    /** As changes, each once. */
    List<RightsChange> changes() {
      return changed.entrySet().stream()
          .map(one -> {
            Where where = one.getKey();
            Subjects subjects = one.getValue();
            return new RightsChange(
                where.effect(), where.namespace(), subjects.users, subjects.groups);
          })
          .toList();
    }

    boolean isEmpty() {
      return changed.isEmpty();
    }
  }

  private record Where(Effect effect, String namespace) {}

  private static final class Subjects {
    private final Set<String> users = new HashSet<>();
    private final Set<String> groups = new HashSet<>();
  }

  /**
   * The name of a role or a binding.
   *
   * @param namespace empty for one of the whole cluster
   */
  record Name(String namespace, String name) {
    /**
     * Of an object.
     *
     * @param cluster whether it belongs to the whole cluster
     * @throws ClassCastException when a field has the wrong type
     * @throws IllegalArgumentException when it has no name, or no namespace where it needs one
     */
    static Name of(boolean cluster, JsonObject object) {
      JsonObject metadata = object.getJsonObject("metadata", new JsonObject());
      String name = metadata.getString("name", "");
      String namespace = cluster ? "" : metadata.getString("namespace", "");
      if (name.isEmpty() || namespace.isEmpty() != cluster) {
        throw new IllegalArgumentException("metadata: without a name (expected: one)");
      }
      return new Name(namespace, name);
    }
  }

  /**
   * A role: one that was deleted and created again is different, even with the same rules.
   *
   * @param rules stands for what it allows
   */
  private record Role(String uid, Digest rules) {}

  private record Digest(long high, long low) {}

  /** Whom a binding binds, and to what. */
  private record Binding(String uid, Name role, Set<String> users, Set<String> groups) {
    static Binding of(JsonObject object, String namespace) {
      JsonObject reference = object.getJsonObject("roleRef", new JsonObject());
      boolean cluster = "ClusterRole".equals(reference.getString("kind"));
      Name role = new Name(cluster ? "" : namespace, reference.getString("name", ""));
      JsonArray all = array(object, "subjects");
      return new Binding(
          RbacIndex.uid(object), role, names(all, RbacIndex::user), names(all, RbacIndex::group));
    }

    private static Set<String> names(
        JsonArray subjects, Function<JsonObject, @Nullable String> nameOf) {
      Set<String> names = new HashSet<>();
      for (int i = 0; i < subjects.size(); i++) {
        String name = nameOf.apply(subjects.getJsonObject(i));
        if (name != null) {
          names.add(name);
        }
      }
      return Set.copyOf(names);
    }

    /** Whether the two differ in whom they bind, if at all. */
    boolean isSameBut(Binding other) {
      return uid.equals(other.uid) && role.equals(other.role);
    }

    /** With the subjects that the other has not. */
    Binding without(Binding other) {
      Set<String> onlyUsers = new HashSet<>(users);
      onlyUsers.removeAll(other.users);
      Set<String> onlyGroups = new HashSet<>(groups);
      onlyGroups.removeAll(other.groups);
      return new Binding(uid, role, onlyUsers, onlyGroups);
    }

    int subjects() {
      return users.size() + groups.size();
    }
  }

  private static @Nullable String user(JsonObject subject) {
    String name = subject.getString("name", "");
    return switch (subject.getString("kind", "")) {
      case "User" -> name;
      case "ServiceAccount" ->
          new ServiceAccount(subject.getString("namespace", ""), name).toString();
      default -> null;
    };
  }

  private static @Nullable String group(JsonObject subject) {
    return "Group".equals(subject.getString("kind")) ? subject.getString("name", "") : null;
  }
}
