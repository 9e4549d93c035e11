package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.RightsChange;
import io.scopegate.authz.RightsChange.Effect;
import io.scopegate.authz.kubernetes.RbacIndex.Affected;
import io.scopegate.authz.kubernetes.RbacIndex.Name;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class RbacIndexTest {
  private final RbacIndex index = new RbacIndex();

  private static JsonObject named(String namespace, String name) {
    JsonObject metadata = new JsonObject().put("name", name).put("uid", "uid-of-" + name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    return new JsonObject().put("metadata", metadata);
  }

  private static JsonObject role(String namespace, String name, String verb) {
    JsonObject rule = new JsonObject().put("verbs", new JsonArray().add(verb));
    return named(namespace, name).put("rules", new JsonArray().add(rule));
  }

  private static JsonObject binding(
      String namespace, String name, String kind, String role, JsonObject... subjects) {
    JsonArray all = new JsonArray();
    for (JsonObject subject : subjects) {
      all.add(subject);
    }
    return named(namespace, name)
        .put("roleRef", new JsonObject().put("kind", kind).put("name", role))
        .put("subjects", all);
  }

  private static JsonObject subject(String kind, String name) {
    return new JsonObject().put("kind", kind).put("name", name).put("namespace", "ns");
  }

  private Affected role(JsonObject role) {
    Affected affected = new Affected();
    index.role(!role.getJsonObject("metadata").containsKey("namespace"), role, affected);
    return affected;
  }

  private Affected binding(JsonObject binding) {
    Affected affected = new Affected();
    index.binding(!binding.getJsonObject("metadata").containsKey("namespace"), binding, affected);
    return affected;
  }

  private static Set<String> users(Affected affected) {
    return affected.changes().stream()
        .flatMap(change -> change.users().stream())
        .collect(Collectors.toSet());
  }

  private static Set<String> groups(Affected affected) {
    return affected.changes().stream()
        .flatMap(change -> change.groups().stream())
        .collect(Collectors.toSet());
  }

  @Test
  void aNewBindingAffectsItsSubjects() {
    Affected affected =
        binding(
            binding(
                "",
                "b",
                "ClusterRole",
                "r",
                subject("User", "jane"),
                subject("Group", "dev"),
                subject("ServiceAccount", "sa")));
    assertThat(users(affected)).containsExactlyInAnyOrder("jane", "system:serviceaccount:ns:sa");
    assertThat(groups(affected)).containsExactly("dev");
    assertThat(index.subjects()).isEqualTo(3);
  }

  @Test
  void aChangedBindingAffectsTheOldAndTheNew() {
    binding(binding("ns", "b", "Role", "r", subject("User", "jane")));
    Affected affected = binding(binding("ns", "b", "Role", "r", subject("User", "joe")));
    assertThat(affected.changes())
        .containsExactly(
            new RightsChange(Effect.TAKES, "ns", Set.of("jane"), Set.of()),
            new RightsChange(Effect.GIVES, "ns", Set.of("joe"), Set.of()));
    assertThat(index.subjects()).isEqualTo(1);
  }

  @Test
  void whoStaysBoundIsNotAffectedByWhoComesAndGoes() {
    JsonObject everybody = subject("Group", "system:authenticated");
    binding(binding("", "b", "ClusterRole", "r", everybody));
    Affected came = binding(binding("", "b", "ClusterRole", "r", everybody, subject("User", "j")));
    assertThat(came.changes())
        .containsExactly(new RightsChange(Effect.GIVES, "", Set.of("j"), Set.of()));
    Affected went = binding(binding("", "b", "ClusterRole", "r", everybody));
    assertThat(went.changes())
        .containsExactly(new RightsChange(Effect.TAKES, "", Set.of("j"), Set.of()));
  }

  @Test
  void changedRulesMayGiveAndTakeAndNewOnesOnlyGive() {
    binding(binding("ns", "b", "ClusterRole", "r", subject("User", "jane")));
    RightsChange gives = new RightsChange(Effect.GIVES, "ns", Set.of("jane"), Set.of());
    RightsChange takes = new RightsChange(Effect.TAKES, "ns", Set.of("jane"), Set.of());
    assertThat(role(role("", "r", "get")).changes()).containsExactly(gives);
    assertThat(role(role("", "r", "list")).changes()).containsExactly(takes, gives);
  }

  @Test
  void changedRulesAffectWhoeverIsBoundToTheRole() {
    role(role("", "r", "get"));
    binding(binding("", "everywhere", "ClusterRole", "r", subject("User", "jane")));
    binding(binding("ns", "here", "ClusterRole", "r", subject("Group", "dev")));
    binding(binding("ns", "other", "Role", "r", subject("User", "joe")));
    Affected affected = role(role("", "r", "create"));
    assertThat(users(affected)).containsExactly("jane");
    assertThat(groups(affected)).containsExactly("dev");
  }

  @Test
  void aRoleOfAnotherNamespaceIsAnother() {
    binding(binding("ns", "b", "Role", "r", subject("User", "jane")));
    assertThat(role(role("elsewhere", "r", "get")).isEmpty()).isTrue();
    assertThat(role(role("", "r", "get")).isEmpty()).isTrue();
    assertThat(users(role(role("ns", "r", "get")))).containsExactly("jane");
  }

  @Test
  void whatOnlyChangesMetadataAffectsNobody() {
    role(role("", "r", "get"));
    JsonObject binding = binding("", "b", "ClusterRole", "r", subject("User", "jane"));
    binding(binding);
    JsonObject labelled = binding.copy();
    labelled.getJsonObject("metadata").put("labels", new JsonObject().put("a", "b"));
    assertThat(binding(labelled).isEmpty()).isTrue();
    JsonObject role = role("", "r", "get");
    role.getJsonObject("metadata").put("resourceVersion", "7");
    assertThat(role(role).isEmpty()).isTrue();
  }

  @Test
  void whatWasMadeAnewHasChanged() {
    JsonObject binding = binding("", "b", "ClusterRole", "r", subject("User", "jane"));
    binding(binding);
    JsonObject anew = binding.copy();
    anew.getJsonObject("metadata").put("uid", "another");
    assertThat(users(binding(anew))).containsExactly("jane");
  }

  @Test
  void whatIsGoneAffectsWhomItBound() {
    role(role("", "r", "get"));
    binding(binding("", "b", "ClusterRole", "r", subject("User", "jane")));
    Affected affected = new Affected();
    index.roleGone(new Name("", "r"), affected);
    assertThat(users(affected)).containsExactly("jane");
    affected = new Affected();
    index.bindingGone(new Name("", "b"), null, affected);
    assertThat(users(affected)).containsExactly("jane");
    assertThat(role(role("", "r", "create")).isEmpty()).isTrue();
    assertThat(index.subjects()).isZero();
    assertThat(index.bindingNames(true)).isEmpty();
  }

  @Test
  void aBindingThatWasNotKnownSaysItselfWhomItBound() {
    Affected affected = new Affected();
    index.bindingGone(
        new Name("", "b"), binding("", "b", "ClusterRole", "r", subject("Group", "dev")), affected);
    assertThat(groups(affected)).containsExactly("dev");
  }

  @Test
  void refusesWhatIsNoBinding() {
    assertThatThrownBy(() -> binding(new JsonObject().put("metadata", new JsonObject())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> binding(binding("", "b", "ClusterRole", "r").put("subjects", "x")))
        .isInstanceOf(ClassCastException.class);
  }

  @Test
  void aRoleOrABindingWithoutContentsIsOne() {
    assertThat(role(named("", "r")).isEmpty()).isTrue();
    assertThat(binding(named("", "b")).isEmpty()).isTrue();
  }
}
