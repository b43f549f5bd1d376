import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Loads every class of a project and every class that it names, and writes down how that went. Started by depslim on the class path. */
public final class Prove {
    private static Path results;

    private Prove() {}

    private static void write(String line) throws IOException {
        byte[] bytes = (line.replaceAll("\\s*\\n\\s*", " ") + "\n").getBytes(StandardCharsets.UTF_8);
        Files.write(results, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** First word: the file for results; the others: folders of classes. */
    public static void main(String[] words) throws Exception {
        results = Paths.get(words[0]);
        ClassLoader loader = Prove.class.getClassLoader();
        for (int at = 1; at < words.length; at++) {
            Path folder = Paths.get(words[at]);
            if (!Files.isDirectory(folder)) {
                continue;
            }
            List<Path> files;
            try (Stream<Path> all = Files.walk(folder)) {
                files = all.filter(file -> file.toString().endsWith(".class")).sorted().collect(Collectors.toList());
            }
            for (Path file : files) {
                String name = folder.relativize(file).toString().replace(File.separatorChar, '.');
                name = name.substring(0, name.length() - ".class".length());
                if (name.endsWith("module-info") || name.endsWith("package-info")) {
                    continue;
                }
                one(loader, name, file);
            }
        }
        System.out.flush();
        System.err.flush();
        // Threads that a class has started do not matter.
        Runtime.getRuntime().halt(0);
    }

    private static void one(ClassLoader loader, String name, Path file) throws IOException {
        String source = null;
        try {
            Names names = new Names(Files.newInputStream(file));
            source = names.source;
            Class<?> loaded = Class.forName(name, false, loader);
            loaded.getDeclaredFields();
            loaded.getDeclaredMethods();
            loaded.getDeclaredConstructors();
            for (String other : names.classes) {
                Class.forName(other, false, loader);
            }
            write("ok " + name);
        } catch (Throwable error) {
            System.out.flush();
            System.err.println("depslim: " + name + " can't be loaded");
            System.err.println(error);
            // Where it stands, as a trace says it.
            System.err.println("\tat " + name + ".<class>(" + (source == null ? "Unknown" : source) + ":0)");
            System.err.flush();
            write("fail " + name + "\t" + error);
        }
    }

    /** The classes that a class file names (Java Virtual Machine Specification, 4.4), and the source that it was made from. */
    private static final class Names {
        final TreeSet<String> classes = new TreeSet<>();
        String source;

        Names(InputStream stream) throws IOException {
            try (DataInputStream in = new DataInputStream(stream)) {
                in.readInt();
                in.readInt();
                int count = in.readUnsignedShort();
                String[] texts = new String[count];
                List<Integer> named = new ArrayList<>();
                for (int at = 1; at < count; at++) {
                    int tag = in.readUnsignedByte();
                    switch (tag) {
                        case 1: texts[at] = in.readUTF(); break;
                        case 7: named.add(in.readUnsignedShort()); break;
                        case 8: case 16: case 19: case 20: in.readUnsignedShort(); break;
                        case 15: in.readUnsignedByte(); in.readUnsignedShort(); break;
                        case 5: case 6: in.readLong(); at++; break;
                        default: in.readInt();
                    }
                }
                for (int at : named) {
                    String text = texts[at];
                    // Of arrays, what they hold.
                    int start = text.lastIndexOf('[') + 1;
                    if (start > 0) {
                        if (text.charAt(start) != 'L') {
                            continue;
                        }
                        text = text.substring(start + 1, text.length() - 1);
                    }
                    classes.add(text.replace('/', '.'));
                }
                for (String text : texts) {
                    boolean written = text != null && (text.endsWith(".java") || text.endsWith(".kt") || text.endsWith(".scala") || text.endsWith(".groovy"));
                    if (written && text.indexOf('/') < 0 && text.indexOf(' ') < 0) {
                        source = text;
                    }
                }
            }
        }
    }
}
