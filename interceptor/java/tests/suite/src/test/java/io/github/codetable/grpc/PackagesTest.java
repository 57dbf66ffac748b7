package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.shop.v1.ShopCode;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.v1.CodetableProto;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packages as Maven has installed them. */
class PackagesTest {
  private static final Map<String, Class<?>> PACKAGES =
      Map.of(
          "codetable-proto", CodetableProto.class,
          "jverification", ResponseCode.class,
          "codetable-grpc", CodeError.class);

  private static Path jar(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> names(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().map(JarEntry::getName).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "codetable-proto, io.github.codetable.proto, codetable/v1/codetable.proto",
    "codetable-proto, io.github.codetable.proto, codetable/v1/grpc_code.proto",
    "jverification, io.github.codetable.jverification, jiguang/jverification/v1/response_code.proto",
    "codetable-grpc, io.github.codetable.grpc, io/github/codetable/grpc/CodeError.class"
  })
  void aPackageIsComplete(String name, String module, String file) throws IOException {
    Path jar = jar(PACKAGES.get(name));
    String base = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    assertTrue(base.matches(name + "-[0-9.]+"), jar::toString);
    assertTrue(names(jar).containsAll(List.of("META-INF/LICENSE", file)), jar::toString);
    assertNotNull(ModuleFinder.of(jar).find(module).orElse(null), module);
    for (String other : List.of("sources", "javadoc")) {
      Path beside = jar.resolveSibling(base + "-" + other + ".jar");
      assertTrue(Files.exists(beside), beside::toString);
    }
  }

  @Test
  void noPackageIsInTwoJars() {
    Set<String> all = new HashSet<>();
    for (Class<?> type : PACKAGES.values()) {
      ModuleDescriptor module = ModuleFinder.of(jar(type)).findAll().iterator().next().descriptor();
      assertTrue(Collections.disjoint(all, module.packages()), module::toString);
      all.addAll(module.packages());
    }
  }

  /** The jars of two tables share the options, which neither contains. */
  @Test
  void twoTablesShareTheOptions() throws IOException {
    for (Class<?> table : List.of(ShopCode.class, ResponseCode.class)) {
      assertTrue(
          names(jar(table)).stream().noneMatch(n -> n.startsWith("io/github/codetable/v1/")),
          table::toString);
    }
    String options = CodetableProto.class.getName().replace('.', '/') + ".class";
    assertEquals(1, Collections.list(getClass().getClassLoader().getResources(options)).size());
  }
}
