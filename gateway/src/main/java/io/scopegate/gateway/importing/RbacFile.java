package io.scopegate.gateway.importing;

import io.scopegate.config.YamlFile;
import io.scopegate.config.YamlValue;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file of rights of the Observatorium API: roles, and who has them. */
final class RbacFile {
  /** The only resource that is Tempo's. */
  private static final String TRACES = "traces";

  /** The most grants that subjects, roles and tenants may multiply to. */
  private static final int MOST_GRANTS = 50_000;

  private final Notes notes;
  private final Map<String, Role> roles = new LinkedHashMap<>();

  /** What a role allows. */
  enum Permission {
    /** Reads traces. */
    READ,
    /** Stores traces. */
    WRITE
  }

  /** Who has a role. */
  record Subject(boolean isGroup, String name) {}

  /** Receives what a subject may do with one tenant. */
  interface Grants {
    void grant(Subject subject, String tenant, Set<Permission> permissions, YamlValue at);
  }

  private record Role(Set<String> tenants, Set<Permission> permissions) {}

  private RbacFile(Notes notes) {
    this.notes = notes;
  }

  /** Reads the file and hands out every grant; what is wrong becomes a problem of the file. */
  static void read(YamlFile file, Notes notes, Grants grants) {
    RbacFile reader = new RbacFile(notes);
    if (!file.problems().isEmpty()) {
      return; // it could not be read
    }
    if (file.root().fields().containsKey("tenants")) {
      file.root().problem("has tenants: this is the file for --tenants", "the file with roles");
      return;
    }
    GoFields root = GoFields.of(file.root(), Set.of("roles", "roleBindings"), notes);
    root.items("roles").forEach(reader::role);
    int left = MOST_GRANTS;
    for (YamlValue binding : root.items("roleBindings")) {
      left = reader.binding(binding, grants, left);
      if (left < 0) {
        binding.problem("too many rights", "at most " + MOST_GRANTS);
        return;
      }
    }
  }

  private void role(YamlValue value) {
    GoFields fields =
        GoFields.of(value, Set.of("name", "resources", "tenants", "permissions"), notes);
    String name = fields.needed("name");
    List<String> resources = texts(fields.items("resources"));
    List<String> others = resources.stream().filter(r -> !r.equals(TRACES)).toList();
    if (!others.isEmpty()) {
      notes.add(value, "of the resources only traces are Tempo's: " + Notes.names(others) + ".");
    }
    Set<Permission> permissions = permissions(fields);
    Set<String> tenants = new LinkedHashSet<>(texts(fields.items("tenants")));
    boolean matters = resources.contains(TRACES);
    Role role = new Role(matters ? tenants : Set.of(), permissions);
    if (roles.put(name, role) != null) {
      notes.add(value, "a second role of this name; the last one counts, as before.");
    }
  }

  private Set<Permission> permissions(GoFields fields) {
    Set<Permission> permissions = EnumSet.noneOf(Permission.class);
    for (YamlValue item : fields.items("permissions")) {
      switch (item.text().orElse("")) {
        case "read" -> permissions.add(Permission.READ);
        case "write" -> permissions.add(Permission.WRITE);
        default -> notes.add(item, "neither read nor write, and ignored, as before.");
      }
    }
    return permissions;
  }

  private static List<String> texts(List<YamlValue> items) {
    return items.stream().flatMap(item -> item.text().stream()).toList();
  }

  private int binding(YamlValue value, Grants grants, int most) {
    GoFields fields = GoFields.of(value, Set.of("name", "subjects", "roles"), notes);
    List<Subject> subjects = new ArrayList<>();
    for (YamlValue item : fields.items("subjects")) {
      Subject subject = subject(item);
      if (subject != null) {
        subjects.add(subject);
      }
    }
    int left = most;
    for (YamlValue item : fields.items("roles")) {
      Role role = item.text().map(roles::get).orElse(null);
      if (role == null) {
        notes.add(item, "there is no such role; ignored, as before.");
        continue;
      }
      left -= Math.max(1, role.tenants().size()) * Math.max(1, subjects.size());
      if (left < 0) {
        return left;
      }
      hand(role, subjects, item, grants);
    }
    return left;
  }

  private static void hand(Role role, List<Subject> subjects, YamlValue at, Grants grants) {
    if (role.permissions().isEmpty()) {
      return;
    }
    for (String tenant : role.tenants()) {
      subjects.forEach(subject -> grants.grant(subject, tenant, role.permissions(), at));
    }
  }

  private @Nullable Subject subject(YamlValue value) {
    GoFields fields = GoFields.of(value, Set.of("kind", "name"), notes);
    String name = fields.needed("name");
    String kind = fields.text("kind").orElse("");
    if (!kind.equals("user") && !kind.equals("group")) {
      notes.add(value, "the kind is neither user nor group; ignored, as before.");
      return null;
    }
    return name.isBlank() ? null : new Subject(kind.equals("group"), name);
  }
}
