package io.scopegate.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

final class RefCountedReferenceTest {
  private static final int USES = 20_000;

  /** Something that must not be used after it is gone. */
  private static final class Thing extends AbstractReferenceCounted {
    private volatile boolean gone;

    @Override
    protected void deallocate() {
      gone = true;
    }

    @Override
    public ReferenceCounted touch(Object hint) {
      return this;
    }
  }

  @Test
  void whatIsReplacedGoesWithItsLastUser() {
    Thing first = new Thing();
    Thing second = new Thing();
    RefCountedReference<Thing> current = new RefCountedReference<>(first);
    Thing used = current.acquire();

    current.replaceWith(second);

    assertThat(used).isSameAs(first);
    assertThat(first.gone).isFalse();
    used.release();
    assertThat(first.gone).isTrue();
    assertThat(current.look()).isSameAs(second);
    assertThat(second.gone).isFalse();
  }

  @Test
  void nobodyGetsWhatIsGoneHoweverOftenItIsReplaced() throws InterruptedException {
    RefCountedReference<Thing> current = new RefCountedReference<>(new Thing());
    Queue<Thing> bad = new ConcurrentLinkedQueue<>();
    List<Thread> users = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread user = new Thread(() -> use(current, bad));
      users.add(user);
      user.start();
    }
    List<Thing> all = new ArrayList<>();
    while (users.stream().anyMatch(Thread::isAlive)) {
      Thing next = new Thing();
      all.add(next);
      current.replaceWith(next);
      Thread.yield();
    }
    for (Thread user : users) {
      user.join();
    }

    assertThat(bad).isEmpty();
    assertThat(all.subList(0, all.size() - 1)).allMatch(thing -> thing.gone);
    assertThat(current.look().refCnt()).isEqualTo(1);
  }

  private static void use(RefCountedReference<Thing> current, Queue<Thing> bad) {
    for (int i = 0; i < USES; i++) {
      Thing thing = current.acquire();
      if (thing.gone) {
        bad.add(thing);
      }
      thing.release();
    }
  }
}
