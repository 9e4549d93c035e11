package io.scopegate.authz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.RbacIndex.Affected;
import io.scopegate.authz.RbacIndex.Name;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
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
    assertThat(affected.users()).containsExactlyInAnyOrder("jane", "system:serviceaccount:ns:sa");
    assertThat(affected.groups()).containsExactly("dev");
    assertThat(index.subjects()).isEqualTo(3);
  }

  @Test
  void aChangedBindingAffectsTheOldAndTheNew() {
    binding(binding("ns", "b", "Role", "r", subject("User", "jane")));
    Affected affected = binding(binding("ns", "b", "Role", "r", subject("User", "joe")));
    assertThat(affected.users()).containsExactlyInAnyOrder("jane", "joe");
    assertThat(index.subjects()).isEqualTo(1);
  }

  @Test
  void changedRulesAffectWhoeverIsBoundToTheRole() {
    role(role("", "r", "get"));
    binding(binding("", "everywhere", "ClusterRole", "r", subject("User", "jane")));
    binding(binding("ns", "here", "ClusterRole", "r", subject("Group", "dev")));
    binding(binding("ns", "other", "Role", "r", subject("User", "joe")));
    Affected affected = role(role("", "r", "create"));
    assertThat(affected.users()).containsExactly("jane");
    assertThat(affected.groups()).containsExactly("dev");
  }

  @Test
  void aRoleOfAnotherNamespaceIsAnother() {
    binding(binding("ns", "b", "Role", "r", subject("User", "jane")));
    assertThat(role(role("elsewhere", "r", "get")).isEmpty()).isTrue();
    assertThat(role(role("", "r", "get")).isEmpty()).isTrue();
    assertThat(role(role("ns", "r", "get")).users()).containsExactly("jane");
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
    assertThat(binding(anew).users()).containsExactly("jane");
  }

  @Test
  void whatIsGoneAffectsWhomItBound() {
    role(role("", "r", "get"));
    binding(binding("", "b", "ClusterRole", "r", subject("User", "jane")));
    Affected affected = new Affected();
    index.roleGone(new Name("", "r"), affected);
    assertThat(affected.users()).containsExactly("jane");
    affected = new Affected();
    index.bindingGone(new Name("", "b"), null, affected);
    assertThat(affected.users()).containsExactly("jane");
    assertThat(role(role("", "r", "create")).isEmpty()).isTrue();
    assertThat(index.subjects()).isZero();
    assertThat(index.bindingNames(true)).isEmpty();
  }

  @Test
  void aBindingThatWasNotKnownSaysItselfWhomItBound() {
    Affected affected = new Affected();
    index.bindingGone(
        new Name("", "b"), binding("", "b", "ClusterRole", "r", subject("Group", "dev")), affected);
    assertThat(affected.groups()).containsExactly("dev");
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
